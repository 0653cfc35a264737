/**
 * A value of somebody else's for a message: on one line, and short. What may nest to any depth is named by its kind alone,
 * as writing it out would take any amount of stack.
 */
export function quote(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'an array' : 'an object';
  }
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
