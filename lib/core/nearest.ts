/** The name that takes the fewest changes of one character to become another; undefined where there is none. */
export function nearestTo(name: string, names: Iterable<string>): string | undefined {
  const ranked = [...names].map((candidate) => ({ candidate, distance: distanceOf(name, candidate) }));
  return ranked.sort((one, other) => one.distance - other.distance)[0]?.candidate;
}

/** How many characters must be added, taken away or replaced (Levenshtein), case aside. */
function distanceOf(one: string, other: string): number {
  const [from, to] = [one.toLowerCase(), other.toLowerCase()];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 1; at <= from.length; at += 1) {
    const next = [at];
    for (let index = 1; index <= to.length; index += 1) {
      const replaced = (row[index - 1] ?? 0) + (from[at - 1] === to[index - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[index] ?? 0) + 1, (next[index - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/**
 * The name that somebody probably meant: the nearest one, if at most a third of its characters differ.
 */
export function probablyMeant(name: string, names: Iterable<string>): string | undefined {
  const nearest = nearestTo(name, names);
  return nearest !== undefined && distanceOf(name, nearest) <= Math.max(1, Math.floor(nearest.length / 3))
    ? nearest
    : undefined;
}
