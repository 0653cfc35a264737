import { isDeepStrictEqual } from 'node:util';
import type { Components } from './open-api-document';

/**
 * Components of one kind that are added to a document, under names that are free there.
 *
 * @internal
 */
export class AddedComponents {
  readonly #added = new Map<string, object>();

  /** @param existing what the document has already. */
  constructor(private readonly existing: Components) {}

  /**
   * Adds a component, once however often it is asked for.
   *
   * @returns its name: the one that is wanted, or that with a number where it is another component's.
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

  /** What is to be in the document now. */
  get all(): Components {
    return { ...this.existing, ...Object.fromEntries(this.#added) };
  }
}
