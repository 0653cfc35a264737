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
 * Decides on the connections of one WebSocket server by the decorators on the classes of its gateways. All gateways share a
 * connection, so each of them must accept it. A server without gateways requires a valid token.
 *
 * @internal
 */
export class GatewayAuthenticator implements ConnectionAuthenticator {
  /** The generation of clients in which a principal was accepted. */
  readonly #acceptedIn = new WeakMap<OidcPrincipal, number>();

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
      // In order: the first refusal is the answer.
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
    this.runtime.endWithToken(principal, connection, this.#acceptedIn.get(principal) ?? 0);
  }

  async #decide(request: OidcRequest, access: Access | undefined, route: string): Promise<Admission> {
    const { current, observer } = this.runtime;
    const startedAt = observer.start();
    let decision: Decision;
    try {
      decision = await current.authenticator.authenticate(current.tokenSources.read(request), request, access?.clients);
    } catch {
      // Fail closed: an unexpected error refuses the connection.
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
    this.#acceptedIn.set(principal, current.generation);
    const refusal = access && checkAccess(access, principal, this.runtime.accessClock);
    if (refusal === undefined) {
      return { principal, user: principal };
    }
    const { client, issuer } = principal;
    observer.record({ stage: 'authorization', accepted: false, code: refusal.code, client, issuer, route }, startedAt);
    return { refusal: exceptionOf(refusal, this.runtime.styleFor(request)) };
  }
}
