import { refused, type Decision } from '../decision/decision';
import { authenticationOf } from '../observation/decision-observer';
import type { OidcRequest } from '../passport/oidc-request';
import type { OidcPrincipal } from '../principal/oidc-principal';
import { OidcAuthException } from '../refusal/oidc-auth.exception';
import type { Refusal } from '../refusal/refusal-code';
import { checkAccess, type Access } from '../roles/access';
import type { Admission, Doorkeeper } from '../transport/websocket-connections';
import { accessOf } from './access-metadata';
import type { OidcRuntime } from './oidc-runtime';

/**
 * Decides on the connections of one WebSocket server by what stands on the classes of its gateways: each of them must
 * let a connection in, for it is a connection of all. A server without gateways wants a good token.
 *
 * @internal
 */
export class ConnectionDoorkeeper implements Doorkeeper {
  constructor(
    private readonly runtime: OidcRuntime,
    private readonly gateways: () => readonly Function[],
  ) {}

  async admit(request: OidcRequest): Promise<Admission> {
    const gateways = this.gateways();
    if (gateways.length === 0) {
      return this.#decide(request, undefined, 'connection');
    }
    let admission: Admission = { principal: undefined };
    for (const gateway of gateways) {
      const access = accessOf(gateway, gateway);
      if (!access.isPublic) {
        // One after the other: the first refusal is the answer.
        // oxlint-disable-next-line no-await-in-loop
        admission = await this.#decide(request, access, `${gateway.name}.handleConnection`);
      }
      if (admission.refusal !== undefined) {
        return admission;
      }
    }
    return admission;
  }

  onExpiry(principal: OidcPrincipal, act: () => void): () => void {
    return this.runtime.onExpiry(principal, act);
  }

  expired(): OidcAuthException {
    return this.#exception({ code: 'token_expired' });
  }

  async #decide(request: OidcRequest, access: Access | undefined, route: string): Promise<Admission> {
    const { authenticator, observer } = this.runtime;
    const startedAt = observer.start();
    let decision: Decision;
    try {
      decision = await authenticator.authenticate(request, access?.clients);
    } catch {
      // Nothing that goes wrong here may let anybody in.
      decision = refused('keys_unavailable');
    }
    if (!decision.accepted && decision.code === 'authorization_header_missing' && access?.isOptional === true) {
      return { principal: undefined };
    }
    observer.record(authenticationOf(decision, route), startedAt);
    if (!decision.accepted) {
      return { refusal: this.#exception(decision, request) };
    }
    const { principal } = decision;
    const refusal = access && checkAccess(access, principal);
    if (refusal === undefined) {
      return { principal };
    }
    const { client, issuer } = principal;
    observer.record({ stage: 'authorization', accepted: false, code: refusal.code, client, issuer, route }, startedAt);
    return { refusal: this.#exception(refusal, request) };
  }

  #exception({ code, retryAfter, requiredScopes, message }: Refusal, request?: OidcRequest): OidcAuthException {
    return new OidcAuthException(code, { ...this.runtime.styleFor(request), retryAfter, requiredScopes, message });
  }
}
