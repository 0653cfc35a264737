import { strategyName } from '../../passport/oidc-jwt.strategy';

/** The methods of the guards that the `AuthGuard()` of @nestjs/passport makes: a new class each time, without a name. */
const PASSPORT_METHODS = ['handleRequest', 'logIn', 'getAuthenticateOptions'];

/** How many lists of strategies are tried to recognize the guard of a list. */
const MOST_LISTS = 2000;

type MakeGuard = (strategies?: string | string[]) => Function;

/**
 * Tells the guards that `AuthGuard()` makes for strategies of this library from those of any other strategy, which may let
 * everybody through. `AuthGuard()` keeps the strategies of a guard to itself; it makes one class for each list of them.
 */
export class PassportGuards {
  #known: ReadonlySet<unknown> | undefined;

  /** @param clients the names of clients; undefined where they are not known. */
  constructor(private readonly clients: readonly string[] | undefined) {}

  /** @param options what was injected into the guard. */
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

/** Lists of strategies: each alone, then pairs, then three in a row, in every order, as many as are worth trying. */
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

/** The prototype that `AuthGuard()` made, of a guard that is one or extends one. */
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
