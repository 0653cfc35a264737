import { types } from 'node:util';
import { MultiJwtGuard } from '../guards/multi-jwt.guard';
import { RolesGuard } from '../guards/roles.guard';
import { OidcRuntime } from '../runtime/oidc-runtime';
import { PassportGuards, passportPrototypeOf } from './passport-guards';

/**
 * What a guard is known to do: all that `MultiJwtGuard` does, all that `RolesGuard` does, authenticate without reading the
 * decorators of this library, or nothing.
 */
export type GuardRole = 'authenticates by decorators' | 'authorizes' | 'authenticates' | 'unknown';

/** A guard as declared, and its instances. */
export interface GuardReference {
  /** The class or the instance that `@UseGuards()`, `APP_GUARD` or `useGlobalGuards()` names. */
  readonly declared: unknown;
  /** The instances that run; empty if they are unknown. */
  readonly instances: readonly object[];
  /** Whether an instance is made for each request. What its constructor does is unknown. */
  readonly isPerRequest: boolean;
}

/** The methods that a guard may override without changing who may call. */
const HOOKS = ['getResponse', 'createException', 'exceptionOf', 'setHeader', 'addHeader', 'routeOf'];
/** `getRequest` decides where the token is. That token must still be valid. */
const AUTHENTICATING_HOOKS: ReadonlySet<PropertyKey> = new Set([...HOOKS, 'getRequest', 'announceDeprecation']);
/** Not `getRequest`: it returns the object with the principal that `RolesGuard` checks. */
const AUTHORIZING_HOOKS: ReadonlySet<PropertyKey> = new Set([...HOOKS, 'record']);
const PASSPORT_HOOKS: ReadonlySet<PropertyKey> = new Set([
  'getRequest',
  'getResponse',
  'logIn',
  'getAuthenticateOptions',
  'options',
]);

/** What Nest injects into the guards of this library. */
const INJECTED = ['runtime', 'oidc', 'rules', 'adapterHost'];

/** Finds out what guards do by the methods they run: those of this library, or others. */
export class GuardEvidence {
  /**
   * @param vouched classes that authenticate or authorize, according to the options.
   * @param passport recognizes guards that `AuthGuard()` made for strategies of this library.
   */
  constructor(
    private readonly vouched: readonly Function[],
    private readonly passport: PassportGuards,
  ) {}

  roleOf({ declared, instances, isPerRequest }: GuardReference): GuardRole {
    // Before Nest 12 a static method of this name runs instead of the instance.
    if (typeof declared === 'function' && typeof Reflect.get(declared, 'canActivate') === 'function') {
      return 'unknown';
    }
    const [first, ...others] = instances;
    if (first === undefined) {
      return this.#roleOfUnseen(declared, isPerRequest);
    }
    const role = this.#roleOfInstance(first);
    return others.every((other) => this.#roleOfInstance(other) === role) ? role : 'unknown';
  }

  #roleOfInstance(guard: object): GuardRole {
    if (types.isProxy(guard)) {
      return 'unknown';
    }
    if (this.vouched.some((known) => isVouchedFor(guard, known.prototype))) {
      return vouchedRole(guard);
    }
    if (isA(guard, MultiJwtGuard)) {
      return keeps(guard, MultiJwtGuard.prototype, AUTHENTICATING_HOOKS) ? 'authenticates by decorators' : 'unknown';
    }
    if (isA(guard, RolesGuard)) {
      return keeps(guard, RolesGuard.prototype, AUTHORIZING_HOOKS) ? 'authorizes' : 'unknown';
    }
    const base = passportPrototypeOf(guard);
    const isKnown = base !== undefined && this.passport.isOfThisLibrary(base, Reflect.get(guard, 'options'));
    return isKnown && keeps(guard, base, PASSPORT_HOOKS) ? 'authenticates' : 'unknown';
  }

  /** If instances are unknown, the prototype counts, provided that nothing can replace its methods. */
  #roleOfUnseen(declared: unknown, isPerRequest: boolean): GuardRole {
    const prototype: unknown = typeof declared === 'function' ? declared.prototype : undefined;
    if (typeof prototype !== 'object' || prototype === null) {
      return 'unknown';
    }
    const isVouched = this.vouched.some((known) => known.prototype === prototype);
    const isBase =
      prototype === MultiJwtGuard.prototype ||
      prototype === RolesGuard.prototype ||
      prototype === passportPrototypeOf(prototype);
    const mayReplace = isPerRequest ? true : constructorMayReplace(prototype);
    return isVouched || isBase || !mayReplace ? this.#roleOfInstance(prototype) : 'unknown';
  }
}

/** Whether Nest has injected what a guard of this library needs. Not if it was made by `new`. */
export function isInjected(guard: object): boolean {
  const isOurs = guard instanceof MultiJwtGuard || guard instanceof RolesGuard;
  return !isOurs || Reflect.get(guard, 'runtime') instanceof OidcRuntime;
}

function vouchedRole(guard: object): GuardRole {
  if (isA(guard, MultiJwtGuard)) {
    return 'authenticates by decorators';
  }
  return isA(guard, RolesGuard) ? 'authorizes' : 'authenticates';
}

/** Whether it is an instance of a class, or the prototype of that class or of a subclass. */
function isA(guard: object, { prototype }: Function): boolean {
  return guard === prototype || Object.prototype.isPrototypeOf.call(prototype, guard);
}

/** An option that names a class applies to that class, and to subclasses that override nothing. */
function isVouchedFor(guard: object, known: unknown): boolean {
  if (typeof known !== 'object' || known === null) {
    return false;
  }
  if (guard === known || Object.getPrototypeOf(guard) === known) {
    return true;
  }
  const between = chainUpTo(guard, known);
  return (
    between !== undefined &&
    between.every((object) =>
      Reflect.ownKeys(object).every((name) =>
        object === guard ? typeof Reflect.get(object, name) !== 'function' : name === 'constructor',
      ),
    )
  );
}

/** Whether a guard runs the methods of `base`: neither the guard nor a class in between overrides them, except the hooks. */
function keeps(guard: object, base: object, hooks: ReadonlySet<PropertyKey>): boolean {
  const between = guard === base ? [] : chainUpTo(guard, base);
  if (between === undefined) {
    return false;
  }
  const decided = namesOn(base);
  return between.every((object) =>
    Reflect.ownKeys(object).every(
      (name) =>
        name === 'constructor' ||
        hooks.has(name) ||
        (!decided.has(name) && (object === guard || !INJECTED.includes(String(name)))),
    ),
  );
}

/** An object and its prototypes below `base`; undefined if it does not extend `base`. */
function chainUpTo(object: object, base: object): object[] | undefined {
  const chain: object[] = [];
  let current: unknown = object;
  while (typeof current === 'object' && current !== null && current !== base) {
    chain.push(current);
    current = Object.getPrototypeOf(current);
  }
  return current === base ? chain : undefined;
}

/** The names of all methods of a prototype and those it extends. */
function namesOn(base: object): Set<PropertyKey> {
  return new Set((chainUpTo(base, Object.prototype) ?? []).flatMap((object) => Reflect.ownKeys(object)));
}

/** Whether the code of a class may replace methods of an instance. The code is read, not run. */
function constructorMayReplace(prototype: object): boolean {
  return (chainUpTo(prototype, Object.prototype) ?? [])
    .filter((object) => object !== passportPrototypeOf(prototype))
    .filter((object) => object !== MultiJwtGuard.prototype && object !== RolesGuard.prototype)
    .filter((object) => object !== Object.getPrototypeOf(MultiJwtGuard.prototype))
    .some((object) => {
      const constructed: unknown = Reflect.get(object, 'constructor');
      const code = typeof constructed === 'function' ? Function.prototype.toString.call(constructed) : '';
      return /\b(canActivate|handleRequest|refuse|admit|conclude)\b|\(this\b|\bthis\[/.test(code);
    });
}
