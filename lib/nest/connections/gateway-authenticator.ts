import { refused, type Decision } from '../../core/decision/decision';
import { authenticationOf } from '../../observation/decision-observer';
import type { OidcRequest } from '../../core/token/oidc-request';
import type { OidcPrincipal } from '../../core/principal/oidc-principal';
import { exceptionOf } from '../../passport/oidc-auth.exception';
import { checkAccess, type Access } from '../../core/access/access';
import type { Connection } from '../transport/connection';
import type { Admission, ConnectionAuthenticator } from './websocket-connections';
import { accessOf } from '../access/access-metadata';
import type { OidcRuntime } from '../runtime/oidc-runtime';

/**
 * Decides on the connections of one WebSocket server by what stands on the classes of its gateways: each of them must
 * let a connection in, for it is a connection of all. A server without gateways wants a good token.
 *
 * @internal
 */
export class GatewayAuthenticator implements ConnectionAuthenticator {
  constructor(
    private readonly runtime: OidcRuntime,
    private readonly gateways: () => readonly Function[],
  ) {}

  async admit(request: OidcRequest): Promise<Admission> {
    const gateways = this.gateways();
    if (gateways.length === 0) {
      return this.#decide(request, undefined, 'connection');
    }
    let principal: OidcPrincipal | undefined;
    let isOfOneClient = true;
    for (const gateway of gateways) {
      const access = accessOf(gateway, gateway);
      if (access.isPublic) {
        continue;
      }
      // One after the other: the first refusal is the answer.
      // oxlint-disable-next-line no-await-in-loop
      const admission = await this.#decide(request, access, `${gateway.name}.handleConnection`);
      if (admission.refusal !== undefined) {
        return admission;
      }
      isOfOneClient &&= principal === undefined || admission.principal?.client === principal.client;
      principal ??= admission.principal;
    }
    return { principal, user: isOfOneClient ? principal : undefined };
  }

  endWithToken(principal: OidcPrincipal, connection: Connection): void {
    this.runtime.endWithToken(principal, connection);
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
      return { principal: undefined, user: undefined };
    }
    observer.record(authenticationOf(decision, route), startedAt);
    if (!decision.accepted) {
      return { refusal: exceptionOf(decision, this.runtime.styleFor(request)) };
    }
    const { principal } = decision;
    const refusal = access && checkAccess(access, principal);
    if (refusal === undefined) {
      return { principal, user: principal };
    }
    const { client, issuer } = principal;
    observer.record({ stage: 'authorization', accepted: false, code: refusal.code, client, issuer, route }, startedAt);
    return { refusal: exceptionOf(refusal, this.runtime.styleFor(request)) };
  }
}
