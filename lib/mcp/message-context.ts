import { AsyncLocalStorage } from 'node:async_hooks';
import type { ExecutionContext } from '@nestjs/common';
import type { OidcRequest } from '../core/token/oidc-request';
import { OidcPrincipal } from '../core/principal/oidc-principal';
import type { Capability } from './strategy-hooks';

/** The HTTP request that carried a message, and who sent it. */
export interface Carrier {
  /** The request as guards know it. */
  readonly request: OidcRequest;
  /** The request as the transport knows it. */
  readonly raw: object;
  readonly principal: OidcPrincipal | undefined;
}

/** The HTTP request of the message that is being handled; undefined over stdio. */
export const carriers: AsyncLocalStorage<Carrier> = new AsyncLocalStorage<Carrier>();

/** Makes the carrier of a request that a guard has let pass. */
export function carrierOf(request: OidcRequest, raw: object): Carrier {
  return { request, raw, principal: request.user instanceof OidcPrincipal ? request.user : undefined };
}

/** The context that rules of `@Authorize()` get: that of a message with these arguments. */
export function executionContextOf(
  { controller, handler }: Capability,
  data: unknown,
  carrier: Carrier | undefined,
): ExecutionContext {
  const rpc = { getRawRequest: () => carrier?.raw, mcpRequest: undefined };
  const args: unknown[] = [data, rpc];
  const rpcHost = { getData: () => data, getContext: () => rpc };
  const context = {
    getClass: () => controller,
    getHandler: () => handler,
    getArgs: () => args,
    getArgByIndex: (index: number) => args[index],
    getType: () => 'rpc',
    switchToRpc: () => rpcHost,
    switchToHttp: () => ({
      getRequest: () => carrier?.request,
      getResponse: () => undefined,
      getNext: () => undefined,
    }),
    switchToWs: () => ({ getData: () => data, getClient: () => undefined, getPattern: () => '' }),
  };
  return context as unknown as ExecutionContext;
}
