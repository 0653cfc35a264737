import type { AccessTable } from '../access-table/access-table';

/**
 * What handlers are called where decisions are observed: as in the access table, worked out once for each.
 *
 * @internal
 */
export class RouteNames {
  #byHandler: ReadonlyMap<string, string> = new Map();
  readonly #known = new WeakMap<object, WeakMap<object, string>>();

  /** Takes the names of a table: of a handler with several, the first. */
  use(table: AccessTable): void {
    const keys = Object.keys(table.toMatrix());
    const names = table.handlers.map(({ handler }, index) => [handler, keys[index] ?? handler] as const);
    this.#byHandler = new Map(names.toReversed());
  }

  of(controller: Function, handler: Function): string {
    let names = this.#known.get(controller);
    if (names === undefined) {
      names = new WeakMap();
      this.#known.set(controller, names);
    }
    let name = names.get(handler);
    if (name === undefined) {
      const own = `${controller.name}.${handler.name}`;
      name = this.#byHandler.get(own) ?? own;
      names.set(handler, name);
    }
    return name;
  }
}
