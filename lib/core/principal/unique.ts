/** Up to this number, comparing names with each other is faster than a set. */
const FEW = 8;

/** These names without duplicates, in the order of their first occurrence. */
export function unique(names: readonly string[]): string[] {
  if (names.length > FEW) {
    return [...new Set(names)];
  }
  const once: string[] = [];
  for (const name of names) {
    if (!once.includes(name)) {
      once.push(name);
    }
  }
  return once;
}
