/** A handler with its name in the access table. */
interface NamedHandler {
  readonly controller: Function;
  readonly handler: Function;
  readonly key: string;
}

/**
 * The names of handlers in events and logs, as in the access table.
 *
 * @internal
 */
export class RouteNames {
  readonly #names = new WeakMap<object, WeakMap<object, string>>();

  /** Takes names. A handler with several gets the first. */
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
