import { Inject, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { OidcRequest } from '../passport/oidc-request';
import { challengeFor } from '../refusal/challenge';
import { OidcAuthException } from '../refusal/oidc-auth.exception';
import type { Refusal } from '../refusal/refusal-code';
import { accessOf } from './access-metadata';
import { OidcRuntime } from './oidc-runtime';

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
   * Gets the request out of a context.
   *
   * @throws Error naming the context if it is not HTTP: what a guard does not know, it does not let through.
   */
  protected getRequest(context: ExecutionContext): OidcRequest {
    this.assertHttp(context);
    return context.switchToHttp().getRequest<OidcRequest>();
  }

  /** Gets the response whose headers tell of a refusal. */
  protected getResponse(context: ExecutionContext): unknown {
    this.assertHttp(context);
    return context.switchToHttp().getResponse<unknown>();
  }

  /** Makes the exception that is thrown for a refusal. The headers of the refusal are set already. */
  protected createException(refusal: Refusal, context: ExecutionContext): Error {
    const { code, retryAfter, requiredScopes, message } = refusal;
    const style = this.oidc.styleFor(this.getRequest(context));
    return new OidcAuthException(code, { ...style, retryAfter, requiredScopes, message });
  }

  /**
   * Tells the caller of a refusal. Headers are set through the adapter before the exception is thrown, so that they
   * survive an exception filter of the application.
   */
  protected refuse(reason: Refusal, context: ExecutionContext): never {
    // What the route asks for is said in any case (RFC 6750 section 3): a caller without a token learns what to ask for.
    const { scopes } = accessOf(context.getClass(), context.getHandler());
    const refusal = scopes === undefined ? reason : { ...reason, requiredScopes: scopes };
    const challenge = challengeFor(refusal, this.oidc.styleFor(this.getRequest(context)));
    if (challenge !== undefined) {
      this.setHeader(context, 'WWW-Authenticate', challenge);
    }
    if (refusal.retryAfter !== undefined) {
      this.setHeader(context, 'Retry-After', String(refusal.retryAfter));
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
    const { httpAdapter } = this.adapterHost;
    const before: unknown = httpAdapter.getHeader?.(this.getResponse(context), name);
    const list = typeof before === 'string' && before !== '' ? before : undefined;
    if (list === undefined || !list.includes(value)) {
      this.setHeader(context, name, list === undefined ? value : `${list}, ${value}`);
    }
  }

  /** @internal */
  protected setHeader(context: ExecutionContext, name: string, value: string): void {
    this.adapterHost.httpAdapter.setHeader(this.getResponse(context), name, value);
  }

  private assertHttp(context: ExecutionContext): void {
    const type = context.getType<string>();
    if (type !== 'http') {
      throw new Error(
        `${this.constructor.name} cannot protect the context "${type}": only "http" is supported; ` +
          'override getRequest() and getResponse() to say where it carries the token',
      );
    }
  }
}
