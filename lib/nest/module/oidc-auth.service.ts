import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { refused, type Decision } from '../../core/decision/decision';
import { readAsked } from '../../explanation/asked-access';
import { explainToken } from '../../explanation/explain-token';
import type { Explanation, ExplainOptions } from '../../explanation/explanation';
import type { OidcPrincipal } from '../../core/principal/oidc-principal';
import { authenticationOf } from '../../observation/decision-observer';
import type { OidcClientUsage } from '../../observation/usage';
import { exceptionOf } from '../../passport/oidc-auth.exception';
import { ApplicationAccess } from '../access-table/application-access';
import { OidcRuntime } from '../runtime/oidc-runtime';

/**
 * Takes the decision of the guards outside a guard, for a token that did not arrive with an HTTP request.
 *
 * @example
 * ```ts
 * const decision = await auth.decide(token);
 * if (!decision.accepted) {
 *   return audit(decision.code, decision.client);
 * }
 * return decision.principal.roles;
 * ```
 */
@Injectable()
export class OidcAuthService {
  @Inject(OidcRuntime)
  private readonly runtime!: OidcRuntime;

  @Inject(ModuleRef)
  private readonly moduleRef!: ModuleRef;

  /**
   * Verifies a token and returns its principal.
   *
   * @param token the token alone, without `Bearer`.
   * @throws OidcAuthException with the code of the refusal.
   */
  async verify(token: string): Promise<OidcPrincipal> {
    const decision = await this.decide(token);
    if (decision.accepted) {
      return decision.principal;
    }
    const refusal = exceptionOf(decision, this.runtime.styleFor(undefined));
    // The application called this method, so the trace shows which of its calls was refused.
    Error.captureStackTrace(refusal);
    throw refusal;
  }

  /**
   * Decides on a token. Never rejects: a refusal is a result.
   *
   * @param token the token alone, without `Bearer`.
   */
  async decide(token: string): Promise<Decision> {
    const { current, observer } = this.runtime;
    const startedAt = observer.start();
    const decision = typeof token === 'string' ? await current.verifier.decide(token) : refused('malformed_token');
    observer.record(authenticationOf(decision, undefined), startedAt);
    return decision;
  }

  /**
   * Counts the decisions on each client's tokens since the application started, by the client's name. Use it to see who
   * still calls before you retire a client. Only this process is counted.
   */
  usage(): Readonly<Record<string, OidcClientUsage>> {
    return this.runtime.observer.usage();
  }

  /**
   * Explains the decision on a token to a developer: every check in order, how the token compares with each client, and
   * possible causes with what to change. Decides once, as `decide` does, and logs nothing. The explanation contains values of
   * claims, which may be personal, and neither the token nor its signature. Never rejects because of a token.
   *
   * @param token the token alone, without `Bearer`.
   * @param options a route of the application, or requirements of one. Default: none, the token alone is explained.
   * @throws TypeError for an unknown route or client, naming the nearest, and for an empty list.
   * @example
   * ```ts
   * const { code, steps, hints } = await auth.explain(token, { route: 'GET /mines/:id' });
   * ```
   */
  async explain(token: string, options: ExplainOptions = {}): Promise<Explanation> {
    const { current } = this.runtime;
    const asked = readAsked(options, current.clients, () =>
      this.moduleRef.get(ApplicationAccess).table(current.configuration),
    );
    return explainToken(current, typeof token === 'string' ? token : '', asked);
  }
}
