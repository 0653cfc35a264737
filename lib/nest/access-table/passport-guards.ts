import { strategyName } from '../../passport/oidc-jwt.strategy';

/** The methods of a guard of `AuthGuard()` of @nestjs/passport, which makes a new class without a name each time. */
const PASSPORT_METHODS = ['handleRequest', 'logIn', 'getAuthenticateOptions'];

/** The maximum number of strategy lists that are tried to recognize a guard. */
const MOST_LISTS = 2000;

type MakeGuard = (strategies?: string | string[]) => Function;

/**
 * Recognizes guards that `AuthGuard()` made for strategies of this library. Any other strategy may accept everybody.
 * `AuthGuard()` does not expose the strategies of a guard, but makes one class for each list of strategies.
 */
export class PassportGuards {
  #known: ReadonlySet<unknown> | undefined;

  /** @param clients the names of clients; undefined if unknown. */
  constructor(private readonly clients: readonly string[] | undefined) {}

  /** @param options the options that Nest injected into the guard. */
  isOfThisLibrary(base: object, options: unknown): boolean {
    const guard = base.constructor;
    const authGuard = this.clients === undefined ? undefined : loadAuthGuard();
    if (authGuard === undefined) {
      return false;
    }
    if (guard === authGuard()) {
      const strategies = isObject(options) ? Reflect.get(options, 'defaultStrategy') : undefined;
      const names: readonly unknown[] = Array.isArray(strategies) ? strategies : [strategies];
      return names.length > 0 && names.every((name) => this.#names().includes(String(name)));
    }
    this.#known ??= new Set([...listsOf(this.#names())].map((list) => authGuard(list.length === 1 ? list[0] : list)));
    return this.#known.has(guard);
  }

  #names(): string[] {
    return (this.clients ?? []).map((client) => strategyName(client));
  }
}

/** Lists of strategies: single ones, then pairs, then triples, in every order, up to the maximum. */
function* listsOf(names: readonly string[]): Iterable<string[]> {
  let tried = 0;
  let lists: string[][] = [[]];
  for (
    let length = 1;
    length <= 3 && (length === 1 || tried + lists.length * names.length <= MOST_LISTS);
    length += 1
  ) {
    lists = lists.flatMap((list) => names.filter((name) => !list.includes(name)).map((name) => [...list, name]));
    tried += lists.length;
    yield* lists;
  }
}

function loadAuthGuard(): MakeGuard | undefined {
  try {
    const { AuthGuard } = require('@nestjs/passport') as { readonly AuthGuard: MakeGuard };
    return AuthGuard;
  } catch {
    return undefined;
  }
}

/** The prototype that `AuthGuard()` made for a guard or for its base class. */
export function passportPrototypeOf(guard: object): object | undefined {
  let prototype: unknown = guard;
  while (isObject(prototype)) {
    if (isPassportPrototype(prototype)) {
      return prototype;
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return undefined;
}

export function isPassportPrototype(prototype: object): boolean {
  return Object.hasOwn(prototype, 'constructor') && PASSPORT_METHODS.every((name) => Object.hasOwn(prototype, name));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
