import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { accessOf, declaredOn, declaresAccess, type DeclaredAccess } from '../access/access-metadata';
import type { Access } from '../../core/access/access';
import { findingsOf, opennessOf, type FindingContext } from './access-finding';
import { AccessTable, type DeclaredNames, type HandlerAccess } from './access-table';
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

/** An application, as far as access to it is concerned. */
export interface DescribedApplication extends FindingContext {
  readonly modules: ModulesContainer;
  readonly config: ApplicationConfig;
  readonly guards: KnownGuards;
  /** Whether global guards stand before the messages of microservices; unless they inherit them, they do not. */
  readonly hasGuardedMessages: boolean;
  /** Whether global guards stand before the messages of gateways: before Nest 12 they do not. */
  readonly hasGuardedGateways: boolean;
}

/**
 * Finds every way into an application, and says of each who may take it.
 *
 * @internal
 */
export function buildAccessTable(application: DescribedApplication): AccessTable {
  const guards = new GuardsInForce(application.modules, application.config, application.guards);
  const described = new Map(
    [...handlersOf(application)].map((handler) => {
      const before = guardsBefore(handler, guards, application);
      const { controller, handler: method } = handler;
      return [describe(handler, before, application), { controller, handler: method, guards: before }] as const;
    }),
  );
  return new AccessTable([...described.keys()].sort(byPlace), described);
}

function* handlersOf({ modules, config }: DescribedApplication): Iterable<Handler> {
  const hasGuardedFields = hasGuardedGraphqlFields(modules);
  for (const candidate of handlingClasses(modules)) {
    const isOfInterest = (handler: Function): boolean => declaresAccess(declaredOn(handler)) || hasOwnGuards(handler);
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
 * Methods with access decorators, of their own or of their class, that some other decorator marks for a purpose not known
 * here: they may handle calls of a transport that this library does not know.
 */
function* othersOf(candidate: HandlingClass, known: ReadonlySet<Function>): Iterable<Handler> {
  const isClassDeclared = declaresAccess(declaredOn(candidate.metatype));
  for (const method of methodsOf(candidate.metatype)) {
    const [name, handler] = method;
    const isMarked = Reflect.getMetadataKeys(handler).length > 0;
    const isDeclared = isClassDeclared || declaresAccess(declaredOn(handler));
    if (isMarked && isDeclared && !known.has(handler) && !resolvesField(handler)) {
      yield { ...handlerOf(candidate, method), context: 'other', method: 'call', path: name, isBehindGuards: true };
    }
  }
}

function guardsBefore(
  { context, isBehindGuards, controller, handler }: Handler,
  guards: GuardsInForce,
  application: DescribedApplication,
): readonly GuardInForce[] {
  const isGlobal =
    context === 'rpc' ? application.hasGuardedMessages : context !== 'ws' || application.hasGuardedGateways;
  return isBehindGuards ? guards.before(controller, handler, isGlobal) : [];
}

function describe(handler: Handler, guards: readonly GuardInForce[], application: DescribedApplication): HandlerAccess {
  const access = accessOf(handler.controller, handler.handler);
  const places = { handler: declaredOn(handler.handler), class: declaredOn(handler.controller) };
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
    ...(isOpened(access) && { openedOn: isOpened(places.handler) ? 'handler' : 'class' }),
    guards: guards.map(({ name }) => name),
    ...declared('clients', access.clients, places.handler),
    ...declared('roles', access.roles, places.handler),
    ...declared('allRoles', access.allRoles, places.handler),
    ...declared('scopes', access.scopes, places.handler),
    ...declared(
      'rules',
      access.rules?.map(({ name }) => name || 'function'),
      places.handler,
    ),
    findings: findingsOf(handler, guards, application),
  };
}

/** What decorators of one kind ask for, under the name of that kind; nothing where there are none. */
function declared<Kind extends 'clients' | 'roles' | 'allRoles' | 'scopes' | 'rules', Name>(
  kind: Kind,
  names: Iterable<Name> | undefined,
  onHandler: DeclaredAccess,
): { readonly [K in Kind]?: DeclaredNames<Name> } {
  const value: DeclaredNames<Name> | undefined = names && {
    names: [...names],
    declaredOn: onHandler[kind] === undefined ? 'class' : 'handler',
  };
  const result: { [K in Kind]?: DeclaredNames<Name> } = {};
  if (value !== undefined) {
    result[kind] = value;
  }
  return result;
}

const CONTEXTS = ['http', 'graphql', 'ws', 'rpc', 'other'];

/** The same order whatever the order of modules, so that two tables can be compared line by line. */
function byPlace(one: HandlerAccess, other: HandlerAccess): number {
  const key = ({ context, path, method, handler }: HandlerAccess): string =>
    [CONTEXTS.indexOf(context), path, method, handler].join('\n');
  const [first, second] = [key(one), key(other)];
  return first < second ? -1 : first > second ? 1 : 0;
}
