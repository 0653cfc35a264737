import type { ExecutionContext } from '@nestjs/common';
import type { OidcPrincipal } from '../../core/principal/oidc-principal';
import { callOf, isHttp, requestOf } from './call';
import type { OperationPath } from './graphql-call';

/** By what a call came by, then by its handler, then by its class. */
const principals = new WeakMap<object, Map<Function, Map<Function, OidcPrincipal | undefined>>>();

/** By the place in a GraphQL operation: fields below it are asked for by whoever asked for it. */
const byPath = new WeakMap<OperationPath, OidcPrincipal | undefined>();

/**
 * Remembers who calls a handler, where several calls share a request: a guard is given another context than what reads
 * parameters.
 */
export function rememberPrincipal(context: ExecutionContext, principal: OidcPrincipal | undefined): void {
  const call = isHttp(context) ? undefined : callOf(context);
  if (call === undefined) {
    return;
  }
  if (call.path !== undefined) {
    byPath.set(call.path, principal);
  }
  const handlers = principals.get(call.carrier) ?? new Map<Function, Map<Function, OidcPrincipal | undefined>>();
  principals.set(call.carrier, handlers);
  const classes = handlers.get(context.getHandler()) ?? new Map<Function, OidcPrincipal | undefined>();
  handlers.set(context.getHandler(), classes);
  classes.set(context.getClass(), principal);
}

/**
 * Who calls the handler of a context, where a guard of this library has said so; otherwise what stands on the request.
 *
 * @throws Error for a context that is not known.
 */
export function principalOf(context: ExecutionContext): unknown {
  const request = requestOf(context);
  if (request === undefined) {
    throw new Error(`@CurrentUser() does not know where the context "${context.getType<string>()}" carries the user`);
  }
  const call = isHttp(context) ? undefined : callOf(context);
  for (let path = call?.path; path !== undefined; path = path.prev) {
    if (byPath.has(path)) {
      return byPath.get(path);
    }
  }
  const remembered = call && principals.get(call.carrier)?.get(context.getHandler());
  return remembered?.has(context.getClass()) === true ? remembered.get(context.getClass()) : request.user;
}
