import { Inject, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { OidcRequest } from '../../core/token/oidc-request';
import { exceptionOf, OidcAuthException } from '../../passport/oidc-auth.exception';
import type { Refusal } from '../../core/refusal/refusal-code';
import { isHttp, requestOf, responseOf } from '../transport/call';
import { endStream, grpcStreamOf, isBareStream } from '../transport/grpc-stream';
import { exceptionFor } from '../transport/refusal-exception';
import { accessOf } from '../access/access-metadata';
import { OidcRuntime } from '../runtime/oidc-runtime';

/**
 * What the guards of this library have in common: how a context carries a request, and how a refusal is told. Each step
 * is a protected method, to be overridden in a guard that extends `MultiJwtGuard` or `RolesGuard`.
 *
 * Dependencies are injected into properties, so that a subclass may have any constructor.
 */
export abstract class AccessGuard implements CanActivate {
  @Inject(OidcRuntime)
  private readonly oidc!: OidcRuntime;

  @Inject(HttpAdapterHost)
  private readonly adapterHost!: HttpAdapterHost;

  abstract canActivate(context: ExecutionContext): boolean | Promise<boolean>;

  /**
   * Gets the request out of a context: what carries the token, and what the principal is put on. Of HTTP it is the request
   * itself. Override it for a context or a transport of your own: `{ headers: { authorization: 'Bearer ...' } }` is one.
   *
   * @throws Error naming the context if it is not known: what a guard does not know, it does not let through.
   */
  protected getRequest(context: ExecutionContext): OidcRequest {
    const request = requestOf(context);
    if (request === undefined) {
      const type = context.getType<string>();
      const remedy = type === 'ws' ? 'wrap the adapter of WebSockets by authenticateConnections(), or ' : '';
      throw new Error(
        `${this.constructor.name} cannot protect the context "${type}": where it carries the token is not known; ` +
          `${remedy}override getRequest() to say it`,
      );
    }
    return request;
  }

  /** Gets the response whose headers tell of a refusal; undefined where there are no headers to set. */
  protected getResponse(context: ExecutionContext): unknown {
    return responseOf(context);
  }

  /**
   * Makes the exception that is thrown for a refusal, as its context needs it: OidcAuthException for HTTP and GraphQL, WsException
   * and RpcException with the same body for WebSockets and microservices. The headers of the refusal are set already.
   */
  protected createException(refusal: Refusal, context: ExecutionContext): Error {
    const style = () => this.oidc.styleFor(this.getRequest(context));
    return exceptionFor(context, refusal instanceof OidcAuthException ? refusal : exceptionOf(refusal, style()));
  }

  /**
   * Tells the caller of a refusal. Headers are set through the adapter before the exception is thrown, so that they
   * survive an exception filter of the application.
   *
   * @returns a promise that is never settled where the caller has been told already.
   */
  protected refuse(reason: Refusal, context: ExecutionContext): Promise<boolean> {
    // The challenge names the scopes of the route in any case: a caller without a token learns what to ask for.
    const { scopes } = accessOf(context.getClass(), context.getHandler());
    const style = this.oidc.styleFor(this.getRequest(context));
    const refusal = exceptionOf(scopes === undefined ? reason : { ...reason, requiredScopes: scopes }, style);
    for (const [name, value] of refusal.headers) {
      this.setHeader(context, name, value);
    }
    const args = context.getType<string>() === 'rpc' ? context.getArgs<unknown[]>() : [];
    const stream = isBareStream(args) ? grpcStreamOf(args) : undefined;
    if (stream !== undefined) {
      // Nest lets an exception before such a handler end the process.
      endStream(stream, refusal);
      return new Promise(() => undefined);
    }
    throw this.createException(refusal, context);
  }

  /**
   * What the handler is called in the access table.
   *
   * @internal
   */
  protected routeOf(context: ExecutionContext): string {
    return this.oidc.routes.of(context.getClass(), context.getHandler());
  }

  /**
   * Adds a value to a list that a header may have already, once however many guards do.
   *
   * @internal
   */
  protected addHeader(context: ExecutionContext, name: string, value: string): void {
    const response = this.getResponse(context);
    const hasHeaders = isHttp(context) || canHaveHeaders(response);
    const before: unknown = hasHeaders ? this.adapterHost.httpAdapter.getHeader?.(response, name) : undefined;
    const list = typeof before === 'string' && before !== '' ? before : undefined;
    if (list === undefined || !list.includes(value)) {
      this.setHeader(context, name, list === undefined ? value : `${list}, ${value}`);
    }
  }

  /**
   * Sets a header of the answer, where it has headers.
   *
   * @internal
   */
  protected setHeader(context: ExecutionContext, name: string, value: string): void {
    const response = this.getResponse(context);
    if (isHttp(context) || canHaveHeaders(response)) {
      this.adapterHost.httpAdapter.setHeader(response, name, value);
    }
  }
}

/** Whether it is a response of Express or Fastify whose headers have not been sent. */
function canHaveHeaders(response: unknown): boolean {
  return (
    typeof response === 'object' &&
    response !== null &&
    'header' in response &&
    typeof response.header === 'function' &&
    Reflect.get(response, 'headersSent') !== true &&
    Reflect.get(response, 'sent') !== true
  );
}
