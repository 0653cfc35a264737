import { unique } from './unique';

/** Which roles imply which: to each role what it implies, one or several. */
export type RoleImplications = Readonly<Record<string, string | readonly string[]>>;

/**
 * Which roles of the application imply which, however many steps away. A map: the names come from tokens.
 *
 * @internal
 */
export class RoleHierarchy {
  readonly #implied: ReadonlyMap<string, readonly string[]>;

  constructor(implications: RoleImplications) {
    this.#implied = new Map(Object.entries(implications).map(([role, implied]) => [role, [implied].flat()]));
  }

  /** These roles and all that they imply, each once. */
  expand(roles: readonly string[]): string[] {
    // A set is walked in the order of insertion, and what is added while it is walked is walked too.
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

  /** A role that implies itself and the roles on the way back to it, or undefined. */
  get circle(): readonly string[] | undefined {
    const done = new Set<string>();
    for (const start of this.#implied.keys()) {
      // The way to where the search is, each with what is left to look at from there.
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
