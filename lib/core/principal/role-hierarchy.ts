import { unique } from './unique';

/** From each role to the role, or roles, that it implies. */
export type RoleImplications = Readonly<Record<string, string | readonly string[]>>;

/**
 * Which roles imply which, directly or not. A map, because the names come from tokens.
 *
 * @internal
 */
export class RoleHierarchy {
  readonly #implied: ReadonlyMap<string, readonly string[]>;

  constructor(implications: RoleImplications) {
    this.#implied = new Map(Object.entries(implications).map(([role, implied]) => [role, [implied].flat()]));
  }

  /** These roles and all that they imply, without duplicates. */
  expand(roles: readonly string[]): string[] {
    // A set is iterated in insertion order, including what is added meanwhile.
    if (this.#implied.size === 0) {
      return unique(roles);
    }
    const all = new Set(roles);
    for (const role of all) {
      for (const implied of this.#implied.get(role) ?? []) {
        all.add(implied);
      }
    }
    return [...all];
  }

  /** A cycle of roles, starting and ending with the same role; undefined if there is none. */
  get circle(): readonly string[] | undefined {
    const done = new Set<string>();
    for (const start of this.#implied.keys()) {
      // The path of the search, each step with the roles left to visit.
      const way: { readonly role: string; readonly left: Iterator<string> }[] = [];
      const onWay = new Set<string>();
      const enter = (role: string): void => {
        onWay.add(role);
        way.push({ role, left: (this.#implied.get(role) ?? []).values() });
      };
      if (!done.has(start)) {
        enter(start);
      }
      for (let here = way.at(-1); here !== undefined; here = way.at(-1)) {
        const { value: next, done: isLast } = here.left.next();
        if (isLast === true) {
          onWay.delete(here.role);
          done.add(here.role);
          way.pop();
        } else if (onWay.has(next)) {
          const roles = way.map(({ role }) => role);
          return [...roles.slice(roles.indexOf(next)), next];
        } else if (!done.has(next)) {
          enter(next);
        }
      }
    }
    return undefined;
  }
}
