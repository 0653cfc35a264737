/** Which roles imply which: to each role what it implies, one or several. */
export type RoleImplications = Readonly<Record<string, string | readonly string[]>>;

/**
 * Which roles of the application imply which, however many steps away. A map: the names come from tokens.
 *
 * @internal
 */
export class RoleHierarchy {
  private constructor(private readonly closure: ReadonlyMap<string, readonly string[]>) {}

  /** @param implications without a circle; see `circleIn`. */
  static of(implications: RoleImplications): RoleHierarchy {
    const closure = new Map<string, readonly string[]>();
    const close = (role: string): readonly string[] => {
      const known = closure.get(role);
      if (known !== undefined) {
        return known;
      }
      const implied = impliedBy(implications, role);
      const all = [...new Set([...implied, ...implied.flatMap(close)])];
      closure.set(role, all);
      return all;
    };
    Object.keys(implications).forEach(close);
    return new RoleHierarchy(closure);
  }

  /** A role that implies itself and the roles on the way back to it, or undefined. */
  static circleIn(implications: RoleImplications): readonly string[] | undefined {
    const done = new Set<string>();
    const search = (role: string, way: readonly string[]): readonly string[] | undefined => {
      if (way.includes(role)) {
        return [...way.slice(way.indexOf(role)), role];
      }
      if (done.has(role)) {
        return undefined;
      }
      for (const implied of impliedBy(implications, role)) {
        const circle = search(implied, [...way, role]);
        if (circle !== undefined) {
          return circle;
        }
      }
      done.add(role);
      return undefined;
    };
    for (const role of Object.keys(implications)) {
      const circle = search(role, []);
      if (circle !== undefined) {
        return circle;
      }
    }
    return undefined;
  }

  /** These roles and all that they imply, each once. */
  expand(roles: readonly string[]): string[] {
    const all = new Set(roles);
    for (const role of roles) {
      for (const implied of this.closure.get(role) ?? []) {
        all.add(implied);
      }
    }
    return [...all];
  }
}

function impliedBy(implications: RoleImplications, role: string): readonly string[] {
  return Object.hasOwn(implications, role) ? [implications[role] ?? []].flat() : [];
}
