import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import {
  accessOf,
  declaredOnClass,
  declaredOnMethod,
  declaresAccess,
  declaresRule,
  type DeclaredAccess,
} from '../access/access-metadata';
import type { Access } from '../../core/access/access';
import type { AuthenticationRequirement } from '../../core/access/authentication-requirement';
import { ACCESS_KIND_NAMES, type AccessKind, type RoleRequirement } from '../../core/access/access-kinds';
import type { BoundGuards } from './bound-guards';
import { acceptsRoute, type ForeignRoute } from './foreign-routes';
import { findingsOf, opennessOf, type FindingContext } from './access-finding';
import { AccessTable, type HandlerAccess } from './access-table';
import { GuardsInForce, hasOwnGuards, type GuardInForce, type KnownGuards } from './guards-in-force';
import { handlerOf, handlingClasses, methodsOf, type Handler, type HandlingClass } from './handler';
import { httpRoutesOf } from './http-routes';
import {
  gatewayMessagesOf,
  graphqlOperationsOf,
  hasGuardedGraphqlFields,
  microserviceMessagesOf,
  resolvesField,
} from './message-handlers';

/** The parts of an application that determine access. */
export interface DescribedApplication extends FindingContext {
  readonly modules: ModulesContainer;
  readonly config: ApplicationConfig;
  readonly guards: KnownGuards;
  /** The global guards that Nest has bound to the handlers of each context. */
  readonly bound: BoundGuards;
  /** Finds the routes outside Nest's router, given the routes of Nest. */
  readonly foreignRoutes: (controllers: readonly ForeignRoute[]) => readonly ForeignRoute[];
  /** The routes outside Nest's router that the application accepts. */
  readonly unguardedRoutes: readonly string[];
  /** The ids of the MCP transports that `protectMcp()` protects. Default: none. */
  readonly mcpTransports?: ReadonlySet<unknown> | undefined;
}

/**
 * Finds all handlers of an application, and who may call each.
 *
 * @internal
 */
export function buildAccessTable(application: DescribedApplication): AccessTable {
  const guards = new GuardsInForce(application.modules, application.config, application.guards);
  const global = {
    http: guards.global(application.bound.http),
    // Nest makes no gateway per request because of a global guard. It leaves such a guard out.
    ws: guards.global(application.bound.ws, false),
    rpc: guards.global(application.bound.rpc),
  };
  const all = guards.global('all');
  const described = new Map(
    [...handlersOf(application)].map((handler) => {
      const { controller, callback, isBehindGuards } = handler;
      const { context } = handler;
      const inContext = context === 'ws' || context === 'rpc' ? global[context] : global.http;
      const byMcp = application.mcpTransports?.has(handler.mcpTransport) === true ? PROTECT_MCP : [];
      const before = isBehindGuards ? [...byMcp, ...inContext, ...guards.own(handler)] : [];
      const isMissedByGlobalGuards = inContext.length < all.length && all.some(({ does }) => does !== 'unknown');
      const source = { controller, handler: callback ?? handler.handler, guards: before, isMissedByGlobalGuards };
      return [describe(handler, before, application), source] as const;
    }),
  );
  const routes = [...described.keys()].filter(({ context }) => context === 'http');
  const foreign = application.foreignRoutes(routes);
  const unmatched = application.unguardedRoutes.filter((entry) => !foreign.some((route) => acceptsRoute(entry, route)));
  const outside = foreign.map((route) => describeForeign(route, application.unguardedRoutes));
  return new AccessTable([...described.keys(), ...outside].sort(byPlace), described, unmatched);
}

/** What `protectMcp()` does before tools, resources and prompts. */
const PROTECT_MCP: readonly GuardInForce[] = (['authenticates by decorators', 'authorizes'] as const).map((does) => ({
  name: does === 'authorizes' ? 'protectMcp (RolesGuard)' : 'protectMcp (MultiJwtGuard)',
  does,
  isGlobal: true,
  isBare: false,
  isOverridden: false,
}));

/** A route to which no guard can apply. */
function describeForeign({ method, path }: ForeignRoute, accepted: readonly string[]): HandlerAccess {
  const isAccepted = accepted.some((entry) => acceptsRoute(entry, { method, path }));
  return {
    context: 'http',
    method,
    path,
    module: '',
    handler: OUTSIDE,
    access: isAccepted ? 'public' : 'unguarded',
    guards: [],
    findings: isAccepted
      ? []
      : [
          {
            code: 'outside_router',
            problem: `${method} ${path} is served outside the router of Nest: no guard stands before it`,
            remedy: `make it a controller, or accept it: unguardedRoutes: ['${method} ${path}']`,
          },
        ],
  };
}

/** The entry for a route outside Nest's router. */
const OUTSIDE = '(outside Nest)';

function* handlersOf({ modules, config }: DescribedApplication): Iterable<Handler> {
  for (const candidate of handlingClasses(modules)) {
    const { metatype } = candidate;
    const hasGuardedFields = hasGuardedGraphqlFields(modules, candidate.modules);
    const isClassOfInterest = declaresRule(declaredOnClass(metatype)) || hasOwnGuards(metatype);
    const isOfInterest = (handler: Function): boolean =>
      isClassOfInterest || declaresAccess(declaredOnMethod(metatype, handler)) || hasOwnGuards(handler);
    const found = [
      ...(candidate.isController ? [...httpRoutesOf(candidate, config), ...microserviceMessagesOf(candidate)] : []),
      ...gatewayMessagesOf(candidate),
      ...graphqlOperationsOf(candidate, hasGuardedFields, isOfInterest),
    ];
    yield* found;
    yield* othersOf(candidate, new Set(found.map(({ handler }) => handler)));
  }
}

/**
 * Methods with access decorators (their own or their class's) and with an unknown decorator. They may handle calls of a
 * transport that this library does not know.
 */
function* othersOf(candidate: HandlingClass, known: ReadonlySet<Function>): Iterable<Handler> {
  const { metatype } = candidate;
  const isClassDeclared = declaresAccess(declaredOnClass(metatype));
  for (const method of methodsOf(candidate)) {
    const { name, handler } = method;
    const isOwnDeclared = declaresAccess(declaredOnMethod(metatype, handler));
    const isMarked = isOwnDeclared || Reflect.getMetadataKeys(handler).length > 0;
    if (isMarked && (isClassDeclared || isOwnDeclared) && !known.has(handler) && !resolvesField(handler)) {
      yield { ...handlerOf(candidate, method, 'other'), method: 'call', path: name, isBehindGuards: true };
    }
  }
}

function describe(handler: Handler, guards: readonly GuardInForce[], application: DescribedApplication): HandlerAccess {
  const access = accessOf(handler.metatype, handler.handler);
  const onMethod = declaredOnMethod(handler.metatype, handler.handler);
  const isOpened = ({ isPublic, isOptional, isAuthenticated }: DeclaredAccess | Access): boolean =>
    isPublic || isOptional || isAuthenticated;
  return {
    context: handler.context,
    method: handler.method,
    path: handler.path,
    ...(handler.versions && { versions: handler.versions }),
    ...(handler.hosts && { hosts: handler.hosts }),
    module: handler.module,
    handler: handler.name,
    access: opennessOf(handler, access, guards),
    ...(isOpened(access) && { openedOn: isOpened(onMethod) ? 'handler' : 'class' }),
    guards: guards.map(({ name }) => name),
    ...declaredKinds(access, onMethod),
    findings: findingsOf(handler, guards, application),
  };
}

/** The rules of the decorators and their places, by kind. */
function declaredKinds(access: Access, onHandler: DeclaredAccess): Pick<HandlerAccess, AccessKind> {
  return Object.fromEntries(
    ACCESS_KIND_NAMES.flatMap((kind) => {
      const asked = access[kind];
      const declaredOn = onHandler[kind] === undefined ? 'class' : 'handler';
      return asked === undefined ? [] : [[kind, { names: [...asked].map(shownName), declaredOn }]];
    }),
  );
}

/** A rule of `@Authorize()` is shown by its name. */
function shownName<Name extends RoleRequirement | AuthenticationRequirement>(name: Name | Function): Name | string {
  return typeof name === 'function' ? name.name || 'function' : name;
}

const CONTEXTS = ['http', 'graphql', 'ws', 'rpc', 'other'];

/** The order does not depend on the order of modules, so that two tables can be compared line by line. */
function byPlace(one: HandlerAccess, other: HandlerAccess): number {
  const key = ({ context, path, method, handler }: HandlerAccess): string =>
    [CONTEXTS.indexOf(context), path, method, handler].join('\n');
  const [first, second] = [key(one), key(other)];
  return first < second ? -1 : first > second ? 1 : 0;
}
