import { Inject, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { OidcRequest } from '../../core/token/oidc-request';
import { exceptionOf } from '../../passport/oidc-auth.exception';
import type { Refusal } from '../../core/refusal/refusal-code';
import { headersFor } from '../../core/refusal/refusal-headers';
import type { RefusalStyle } from '../../core/refusal/refusal-style';
import { canHaveHeaders, isHttp, requestOf, responseOf } from '../transport/call';
import { endStream, grpcStreamOf, isBareStream } from '../transport/grpc-stream';
import { exceptionFor } from '../transport/refusal-exception';
import { accessOf } from '../access/access-metadata';
import { OidcRuntime } from '../runtime/oidc-runtime';

/**
 * The base class of the guards: gets the request of a context, and answers refusals. Each step is a protected method
 * that a guard which extends `MultiJwtGuard` or `RolesGuard` can override.
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
   * Gets the request of a context: the object that carries the token and receives the principal. For HTTP it is the request
   * itself. Override this for a context or a transport of your own: `{ headers: { authorization: 'Bearer ...' } }` suffices.
   *
   * @throws Error naming the context if it is not known: a guard rejects a call that it cannot read.
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

  /** Gets the response that the headers of a refusal are set on; undefined where no headers can be set. */
  protected getResponse(context: ExecutionContext): unknown {
    return responseOf(context);
  }

  /**
   * Makes the exception that is thrown for a refusal: OidcAuthException for HTTP and GraphQL, WsException for WebSockets and
   * RpcException for microservices, with the same body. The headers of the refusal are already set.
   */
  protected createException(refusal: Refusal, context: ExecutionContext): Error;
  /** @internal */
  protected createException(refusal: Refusal, context: ExecutionContext, style: RefusalStyle): Error;
  protected createException(refusal: Refusal, context: ExecutionContext, style = this.styleOf(context)): Error {
    return exceptionFor(context, exceptionOf(refusal, style));
  }

  /**
   * Answers a refused call. Headers are set through the adapter before the exception is thrown, so that they survive an
   * exception filter of the application.
   *
   * @returns a promise that never settles, where the caller already has its answer.
   */
  protected refuse(reason: Refusal, context: ExecutionContext): Promise<boolean> {
    const { scopes } = accessOf(context.getClass(), context.getHandler());
    const style = this.styleOf(context);
    // Every challenge names the scopes of the route (RFC 6750 section 3), so a caller without a token learns what to request.
    const refusal = scopes === undefined ? reason : { ...reason, requiredScopes: scopes };
    const response = this.headerTarget(context);
    if (response !== undefined) {
      for (const [name, value] of headersFor(refusal, style)) {
        this.adapterHost.httpAdapter.setHeader(response, name, value);
      }
    }
    const args = context.getType<string>() === 'rpc' ? context.getArgs<unknown[]>() : [];
    const stream = isBareStream(args) ? grpcStreamOf(args) : undefined;
    if (stream !== undefined) {
      // Nest does not catch what a guard of such a handler throws, and the process would end.
      endStream(stream, exceptionOf(refusal, style));
      return new Promise(() => undefined);
    }
    // The style comes along so that the request is read once.
    throw this.createException(refusal, context, style);
  }

  /**
   * The name of the handler in the access table.
   *
   * @internal
   */
  protected routeOf(context: ExecutionContext): string {
    return this.oidc.routes.of(context.getClass(), context.getHandler());
  }

  /**
   * Adds a value to a header that may already hold a list. A value that several guards add appears once.
   *
   * @internal
   */
  protected addHeader(context: ExecutionContext, name: string, value: string): void {
    const response = this.headerTarget(context);
    const before: unknown =
      response === undefined ? undefined : this.adapterHost.httpAdapter.getHeader?.(response, name);
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
    const response = this.headerTarget(context);
    if (response !== undefined) {
      this.adapterHost.httpAdapter.setHeader(response, name, value);
    }
  }

  /** The response whose headers can be set now; undefined where there is none. */
  private headerTarget(context: ExecutionContext): unknown {
    const response = this.getResponse(context);
    return isHttp(context) || canHaveHeaders(response) ? response : undefined;
  }

  private styleOf(context: ExecutionContext): RefusalStyle {
    return this.oidc.styleFor(this.getRequest(context));
  }
}
