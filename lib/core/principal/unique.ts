/** Up to so many are compared with each other, which is then faster than a set. */
const FEW = 8;

/** These names, each once; in the order in which they come first. */
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
