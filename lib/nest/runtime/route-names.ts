/** A handler, and what the access table calls it. */
interface NamedHandler {
  readonly controller: Function;
  readonly handler: Function;
  readonly key: string;
}

/**
 * What handlers are called where decisions are observed: as in the access table.
 *
 * @internal
 */
export class RouteNames {
  readonly #names = new WeakMap<object, WeakMap<object, string>>();

  /** Takes the names of handlers: of a handler with several, the first. */
  use(named: Iterable<NamedHandler>): void {
    for (const { controller, handler, key } of named) {
      const names = this.#of(controller);
      if (!names.has(handler)) {
        names.set(handler, key);
      }
    }
  }

  of(controller: Function, handler: Function): string {
    const names = this.#of(controller);
    let name = names.get(handler);
    if (name === undefined) {
      name = `${controller.name}.${handler.name}`;
      names.set(handler, name);
    }
    return name;
  }

  #of(controller: Function): WeakMap<object, string> {
    let names = this.#names.get(controller);
    if (names === undefined) {
      names = new WeakMap();
      this.#names.set(controller, names);
    }
    return names;
  }
}
