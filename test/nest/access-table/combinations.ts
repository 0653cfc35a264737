import { Controller, Get, Injectable, Scope, UseGuards, type CanActivate, type Type } from '@nestjs/common';
import { Query, ResolveField, Resolver } from '@nestjs/graphql';
import { MessagePattern } from '@nestjs/microservices';
import { AuthGuard } from '@nestjs/passport';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import passport from 'passport';
import { MultiJwtGuard, Roles, RolesGuard } from 'nestjs-oidc-multi-auth';

/** What every handler answers. */
export const ANSWER = 'the answer of the handler';

/** A guard as `@UseGuards()` takes it. */
export type Guard = Type | CanActivate;

/** How a context declares handlers. */
export interface Style {
  readonly name: string;
  readonly kind: (key: string, isPerRequest: boolean) => ClassDecorator;
  readonly handles: (key: string) => MethodDecorator;
  readonly answer: (key: string) => unknown;
}

const scoped = (isPerRequest: boolean) => (isPerRequest ? Injectable({ scope: Scope.REQUEST }) : Injectable());
const both =
  (...decorators: ClassDecorator[]): ClassDecorator =>
  (target) =>
    decorators.forEach((decorate) => decorate(target));

export const STYLES = {
  http: {
    name: 'HTTP',
    kind: (key, isPerRequest) => Controller({ path: key, ...(isPerRequest && { scope: Scope.REQUEST }) }),
    handles: () => Get(),
    answer: () => ANSWER,
  },
  query: {
    name: 'GraphQL operations',
    kind: (_key, isPerRequest) => both(scoped(isPerRequest), Resolver()),
    handles: (name) => Query(name),
    answer: () => ANSWER,
  },
  field: {
    name: 'GraphQL fields',
    kind: (_key, isPerRequest) => both(scoped(isPerRequest), Resolver('Mine')),
    handles: (name) => ResolveField(name),
    answer: () => ANSWER,
  },
  ws: {
    name: 'WebSocket messages',
    kind: (_key, isPerRequest) => both(scoped(isPerRequest), WebSocketGateway()),
    handles: (key) => SubscribeMessage(key),
    answer: (event) => ({ event, data: ANSWER }),
  },
  rpc: {
    name: 'TCP messages',
    kind: (_key, isPerRequest) => Controller({ ...(isPerRequest && { scope: Scope.REQUEST }) }),
    handles: (key) => MessagePattern(key),
    answer: () => ANSWER,
  },
} as const satisfies Record<string, Style>;

/** One handler, as it is put together. */
interface Plan {
  readonly style: Style;
  readonly key: string;
  readonly onClass: readonly Guard[];
  readonly onMethod: readonly Guard[];
}

const admin = Roles('admin');
const guarded = (guards: readonly Guard[]): (ClassDecorator & MethodDecorator)[] =>
  guards.length === 0 ? [] : [UseGuards(...(guards as Type<CanActivate>[]))];

function onMethod(target: Function, ...decorators: MethodDecorator[]): void {
  for (const decorate of decorators) {
    const descriptor = Object.getOwnPropertyDescriptor(target.prototype, 'handle') ?? {};
    Object.defineProperty(target.prototype, 'handle', decorate(target.prototype, 'handle', descriptor) ?? descriptor);
  }
}

/** Replaces the method by another function, and copies no metadata. */
const Replace = (): MethodDecorator => (_target, _key, descriptor) => {
  const original = descriptor.value as unknown as (...args: unknown[]) => unknown;
  const replacement = function (this: unknown, ...args: unknown[]): unknown {
    return original.apply(this, args);
  };
  return { ...descriptor, value: replacement as never };
};

const fresh = ({ style, key }: Plan): Type =>
  class {
    handle(): unknown {
      return style.answer(key);
    }
  };

function finish(type: Type, { style, key, onClass }: Plan, isPerRequest = false): Type {
  for (const decorate of [...guarded(onClass), style.kind(key, isPerRequest)]) {
    decorate(type);
  }
  return type;
}

/** Where a rule may stand. Each makes a class whose handler has the rule `@Roles('admin')`, but for `none`. */
export const PLACES = {
  none: (plan) => {
    const type = fresh(plan);
    onMethod(type, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    return finish(type, plan);
  },
  handler: (plan) => {
    const type = fresh(plan);
    onMethod(type, admin, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    return finish(type, plan);
  },
  class: (plan) => {
    const type = fresh(plan);
    onMethod(type, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    admin(type);
    return finish(type, plan);
  },
  'parent class': (plan) => {
    const parent = fresh(plan);
    onMethod(parent, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    admin(parent);
    return finish(class extends parent {}, plan);
  },
  'method of the parent': (plan) => {
    const parent = fresh(plan);
    onMethod(parent, admin, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    return finish(class extends parent {}, plan);
  },
  'method that is replaced': (plan) => {
    const type = fresh(plan);
    onMethod(type, admin, Replace(), ...guarded(plan.onMethod), plan.style.handles(plan.key));
    return finish(type, plan);
  },
  'method whose guards are replaced, too': (plan) => {
    const type = fresh(plan);
    onMethod(type, admin, ...guarded(plan.onMethod), Replace(), plan.style.handles(plan.key));
    return finish(type, plan);
  },
  'method that replaced another': (plan) => {
    const type = fresh(plan);
    onMethod(type, Replace(), admin, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    return finish(type, plan);
  },
  'class that is wrapped': (plan) => {
    const inner = fresh(plan);
    onMethod(inner, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    admin(inner);
    const outer = function (...args: unknown[]): object {
      return Reflect.construct(inner, args) as object;
    } as unknown as Type;
    outer.prototype = inner.prototype;
    return finish(outer, plan);
  },
  'class that is wrapped with its guards': (plan) => {
    const inner = fresh(plan);
    onMethod(inner, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    admin(inner);
    guarded(plan.onClass).forEach((decorate) => decorate(inner));
    const outer = function (...args: unknown[]): object {
      return Reflect.construct(inner, args) as object;
    } as unknown as Type;
    outer.prototype = inner.prototype;
    return finish(outer, { ...plan, onClass: [] });
  },
  'class behind a proxy': (plan) => {
    const inner = fresh(plan);
    onMethod(inner, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    admin(inner);
    return finish(new Proxy(inner, {}), plan);
  },
  'class behind a proxy with its guards': (plan) => {
    const inner = fresh(plan);
    onMethod(inner, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    admin(inner);
    guarded(plan.onClass).forEach((decorate) => decorate(inner));
    return finish(new Proxy(inner, {}), { ...plan, onClass: [] });
  },
  'method copied by a mixin': (plan) => {
    const source = fresh(plan);
    onMethod(source, admin, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    const type: Type = class {};
    Object.defineProperty(type.prototype, 'handle', Object.getOwnPropertyDescriptor(source.prototype, 'handle') ?? {});
    return finish(type, plan);
  },
  'class whose constructor a mixin replaced': (plan) => {
    const source = fresh(plan);
    onMethod(source, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    const type: Type = class {};
    Object.defineProperties(type.prototype, Object.getOwnPropertyDescriptors(source.prototype));
    admin(type);
    return finish(type, plan);
  },
  'method bound by the constructor': (plan) => {
    const parent = fresh(plan);
    onMethod(parent, admin, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    return finish(
      class extends parent {
        constructor() {
          super();
          this.handle = this.handle.bind(this);
        }
        declare handle: () => unknown;
      },
      plan,
    );
  },
  'method wrapped by the constructor': (plan) => {
    const parent = fresh(plan);
    onMethod(parent, admin, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    return finish(
      class extends parent {
        constructor() {
          super();
          const { handle } = this;
          Object.assign(this, { handle: () => handle.call(this) });
        }
        declare handle: () => unknown;
      },
      plan,
    );
  },
  'handler made for each request': (plan) => {
    const type = fresh(plan);
    onMethod(type, admin, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    return finish(type, plan, true);
  },
  'method bound for each request': (plan) => {
    const parent = fresh(plan);
    onMethod(parent, admin, ...guarded(plan.onMethod), plan.style.handles(plan.key));
    return finish(
      class extends parent {
        constructor() {
          super();
          this.handle = this.handle.bind(this);
        }
        declare handle: () => unknown;
      },
      plan,
      true,
    );
  },
} as const satisfies Record<string, (plan: Plan) => Type>;

/** Guards that look like those of this library, and what they override. */
export class ReturnsTrue extends MultiJwtGuard {
  override canActivate(): boolean {
    return true;
  }
}
export class RefusesNobody extends MultiJwtGuard {
  protected override refuse(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
class AdmitsAll extends MultiJwtGuard {}
Object.defineProperty(AdmitsAll.prototype, 'admit', { value: () => true });
export class FieldGuard extends MultiJwtGuard {
  constructor() {
    super();
    Object.defineProperty(this, 'canActivate', { value: () => true });
  }
}
class FieldRefuse extends MultiJwtGuard {
  constructor() {
    super();
    Object.defineProperty(this, 'refuse', { value: () => true });
  }
}
class NoException extends MultiJwtGuard {
  protected override createException(): Error {
    return undefined as never;
  }
}
class ThrowsTrue extends MultiJwtGuard {
  protected override createException(): Error {
    return true as never;
  }
}
class OwnRequest extends MultiJwtGuard {
  protected override getRequest(
    ...args: Parameters<MultiJwtGuard['getRequest']>
  ): ReturnType<MultiJwtGuard['getRequest']> {
    return super.getRequest(...args);
  }
}
class OwnResponse extends MultiJwtGuard {
  protected override getResponse(): unknown {
    return undefined;
  }
}
class Accessor extends MultiJwtGuard {}
Object.defineProperty(Accessor.prototype, 'canActivate', { get: () => () => true });
class OfReturnsTrue extends ReturnsTrue {}
class Helper extends MultiJwtGuard {
  describe(): string {
    return 'adds a method, and overrides none';
  }
}
@Injectable({ scope: Scope.REQUEST })
class PerRequest extends MultiJwtGuard {}
@Injectable({ scope: Scope.REQUEST })
class PerRequestField extends MultiJwtGuard {
  constructor() {
    super();
    Object.defineProperty(this, 'canActivate', { value: () => true });
  }
}
@Injectable({ scope: Scope.TRANSIENT })
class Transient extends MultiJwtGuard {}
class FakeRuntime extends MultiJwtGuard {}
Object.defineProperty(FakeRuntime.prototype, 'runtime', {
  get: () => ({
    observer: { start: () => undefined, record: () => undefined },
    authenticator: { authenticate: () => ({ accepted: true, principal: undefined }) },
    tokenSources: { isInQuery: () => false },
    deprecationHeaders: new Map(),
    endWithToken: () => undefined,
    routes: { of: () => '' },
  }),
  set(): void {},
});
class RolesTrue extends RolesGuard {
  override canActivate(): boolean {
    return true;
  }
}
class RolesRefuseNobody extends RolesGuard {
  protected override refuse(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
class RolesConclude extends RolesGuard {}
Object.defineProperty(RolesConclude.prototype, 'conclude', { value: () => true });
class RolesNoException extends RolesGuard {
  protected override createException(): Error {
    return undefined as never;
  }
}
class RolesKept extends RolesGuard {}

/** A strategy of Passport that lets everybody pass. */
class PassStrategy extends passport.Strategy {
  override name = 'pass';
  override authenticate(): void {
    this.pass();
  }
}
passport.use(new PassStrategy());
class Stock extends AuthGuard('oidc:web') {}
class StockLenient extends AuthGuard('oidc:web') {
  override handleRequest(_error: unknown, user: unknown): never {
    return (user === false ? {} : user) as never;
  }
}
class StockTrue extends AuthGuard('oidc:web') {
  override canActivate(): boolean {
    return true;
  }
}
class StockField extends AuthGuard('oidc:web') {
  constructor() {
    super();
    Object.defineProperty(this, 'handleRequest', { value: () => ({}) });
  }
}

/** Guards in their order; those of Passport work with HTTP alone. `is` says what plain sense expects of them. */
export const GUARDS: Readonly<
  Record<string, { readonly guards: readonly Guard[]; readonly isHttp?: boolean; readonly isGood?: boolean }>
> = {
  'MultiJwtGuard, RolesGuard': { guards: [MultiJwtGuard, RolesGuard], isGood: true },
  'MultiJwtGuard alone': { guards: [MultiJwtGuard] },
  'RolesGuard alone': { guards: [RolesGuard] },
  'RolesGuard, MultiJwtGuard': { guards: [RolesGuard, MultiJwtGuard] },
  ...Object.fromEntries(
    [
      ReturnsTrue,
      RefusesNobody,
      AdmitsAll,
      FieldGuard,
      FieldRefuse,
      Accessor,
      OfReturnsTrue,
      PerRequestField,
      FakeRuntime,
    ].map((guard) => [guard.name, { guards: [guard, RolesGuard] }]),
  ),
  ...Object.fromEntries(
    [NoException, ThrowsTrue, OwnRequest, OwnResponse, Helper].map((guard) => [
      guard.name,
      { guards: [guard, RolesGuard], isGood: true },
    ]),
  ),
  PerRequest: { guards: [PerRequest, RolesGuard] },
  Transient: { guards: [Transient, RolesGuard] },
  ...Object.fromEntries(
    [RolesTrue, RolesRefuseNobody, RolesConclude].map((guard) => [guard.name, { guards: [MultiJwtGuard, guard] }]),
  ),
  ...Object.fromEntries(
    [RolesNoException, RolesKept].map((guard) => [guard.name, { guards: [MultiJwtGuard, guard], isGood: true }]),
  ),
  'an object': { guards: [{ canActivate: () => true }] },
  "AuthGuard('oidc:web')": { guards: [AuthGuard('oidc:web'), RolesGuard], isHttp: true, isGood: true },
  "AuthGuard(['oidc:web', 'oidc:other'])": {
    guards: [AuthGuard(['oidc:web', 'oidc:other']), RolesGuard],
    isHttp: true,
    isGood: true,
  },
  "AuthGuard(['oidc:web', 'pass'])": { guards: [AuthGuard(['oidc:web', 'pass']), RolesGuard], isHttp: true },
  "AuthGuard('pass')": { guards: [AuthGuard('pass'), RolesGuard], isHttp: true },
  'a subclass of AuthGuard': { guards: [Stock, RolesGuard], isHttp: true, isGood: true },
  ...Object.fromEntries(
    [StockLenient, StockTrue, StockField].map((guard) => [guard.name, { guards: [guard, RolesGuard], isHttp: true }]),
  ),
};
