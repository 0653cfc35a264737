import { isDeepStrictEqual } from 'node:util';
import type { Components } from './open-api-document';

/**
 * Components of one kind that are added to a document, under unused names.
 *
 * @internal
 */
export class AddedComponents {
  readonly #added = new Map<string, object>();

  /** @param existing the components of the document. */
  constructor(private readonly existing: Components) {}

  /**
   * Adds a component. Adding it again has no effect.
   *
   * @returns its name: the given one, with a number if another component has it.
   */
  add(wanted: string, component: object): string {
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? wanted : `${wanted}${number}`;
      const known = Object.hasOwn(this.existing, name) ? this.existing[name] : this.#added.get(name);
      if (known === undefined) {
        this.#added.set(name, component);
        return name;
      }
      if (isDeepStrictEqual(known, component)) {
        return name;
      }
    }
  }

  /** The added components. */
  get all(): Components {
    return { ...this.existing, ...Object.fromEntries(this.#added) };
  }
}
