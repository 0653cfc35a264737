import { Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import type { ClientIndex } from '../core/client/client-index';
import type { Decision, RefusedDecision } from '../core/decision/decision';
import type { SelectedToken, UnselectedToken } from '../decision/token-selector';
import type { TokenVerifier } from '../decision/token-verifier';
import type { RefusalStyle } from '../core/refusal/refusal-style';
import { authenticationOf, type DecisionObserver } from '../observation/decision-observer';
import { exceptionOf } from './oidc-auth.exception';
import type { OidcRequest } from '../core/token/oidc-request';
import { selectToken } from './select-token';
import type { TokenSources } from './token-sources';

/** The name under which a client's strategy is registered with Passport. */
export function strategyName(client: string): string {
  return `oidc:${client}`;
}

/** passport-jwt requires functions for the verification that `authenticate` replaces. All clients share these two. */
const refuseKey: SecretOrKeyProvider = (_request, _token, done) => done(new Error('tokens are verified by the core'));
const refuseToVerify = (_claims: unknown, done: (error: Error) => void): void =>
  done(new Error('tokens are verified by the core'));

/** What decides for strategies now. */
export interface CurrentClients {
  readonly clients: ClientIndex;
  readonly verifier: TokenVerifier;
  readonly tokenSources: TokenSources;
  readonly style: RefusalStyle;
}

/** What the strategies of one application share. */
export interface StrategyServices {
  readonly observer: DecisionObserver;
  /** Who is a client now. A strategy may be kept for longer than its client is one. */
  readonly current: () => CurrentClients;
  /** Finds the token alone, or null: what passport-jwt calls an extractor. */
  readonly tokenOf: (request: OidcRequest) => string | null;
}

/**
 * The Passport strategy of one client. Passport sees a passport-jwt strategy; the core takes the decision.
 *
 * Passport drives it on objects that inherit from it, so it has no `#private` members.
 *
 * @internal
 */
export class OidcJwtStrategy extends Strategy {
  override readonly name: string;

  /** @param client the name of the client. */
  constructor(
    private readonly client: string,
    private readonly shared: StrategyServices,
  ) {
    super({ jwtFromRequest: shared.tokenOf, secretOrKeyProvider: refuseKey }, refuseToVerify);
    this.name = strategyName(client);
  }

  /**
   * Decides on a token that was selected for this client. It keeps no state of a request, so a guard can run it for many
   * requests at a time. Returns no promise if the key is available. Never rejects.
   *
   * @param allowed the clients that the route allows; absent where it allows all.
   * @param verifier the one that selected the token.
   */
  decide(
    selected: SelectedToken,
    allowed: ReadonlySet<string> | undefined,
    verifier: TokenVerifier,
  ): Decision | Promise<Decision> {
    return verifier.verify(selected, allowed);
  }

  /** Decides on the token of a request, for a stock `AuthGuard`. */
  override authenticate(request: OidcRequest): void {
    const startedAt = this.shared.observer.start();
    const { clients, tokenSources, verifier } = this.shared.current();
    if (clients.client(this.client) === undefined) {
      this.fail(401);
      return;
    }
    const allowed = new Set([this.client]);
    const selected = selectToken(tokenSources.read(request), tokenSources.missing, verifier, allowed);
    if (selected.client === undefined && selected.opaque !== undefined) {
      if (selected.addressed.some(({ name }) => name === this.client)) {
        this.follow(verifier.verifyOpaque(selected.opaque, allowed), startedAt, request);
      } else {
        this.fail(401);
      }
      return;
    }
    if (selected.client === undefined) {
      this.decline(selected, startedAt, request);
      return;
    }
    if (!selected.allowed) {
      this.fail(401);
      return;
    }
    this.follow(this.decide(selected, allowed, verifier), startedAt, request);
  }

  private follow(decision: Decision | Promise<Decision>, startedAt: number | undefined, request: OidcRequest): void {
    if (!(decision instanceof Promise)) {
      this.settle(decision, startedAt, request);
      return;
    }
    // The callbacks may throw, and an unhandled rejection would end the process.
    decision
      .then((settled) => this.settle(settled, startedAt, request))
      .catch((error: Error) => this.error(error))
      .catch(() => undefined);
  }

  /**
   * Reports a refusal to Passport, as an error with status and code that ends a chain of strategies. With `unknown_issuer`,
   * discovery has shown that the token is not for this client, and with `client_not_allowed` the answer of its issuer, so Passport tries
   * the next strategy.
   */
  refused(decision: RefusedDecision, request?: OidcRequest): void {
    if (decision.code === 'unknown_issuer' || decision.code === 'client_not_allowed') {
      this.fail(401);
    } else {
      this.error(exceptionOf(decision, this.styleOf(request)));
    }
  }

  private settle(decision: Decision, startedAt: number | undefined, request: OidcRequest): void {
    this.shared.observer.record(authenticationOf(decision, undefined), startedAt, request);
    if (decision.accepted) {
      this.success(decision.principal, decision);
    } else {
      this.refused(decision, request);
    }
  }

  /** The challenge of the scheme that the request used says what is wrong. */
  private styleOf(request: OidcRequest | undefined): RefusalStyle {
    const { style } = this.shared.current();
    const { dpop } = style;
    return dpop !== undefined && /^dpop(?: |$)/i.test(request?.headers?.authorization?.toString() ?? '')
      ? { ...style, dpop: { ...dpop, isUsed: true } }
      : style;
  }

  /**
   * Handles a request for which no client was selected. Without a token, or with one that is not addressed to this client, it
   * calls `fail()` and Passport tries the next strategy. Anything else is refused.
   */
  private decline({ decision, addressed }: UnselectedToken, startedAt: number | undefined, request: OidcRequest): void {
    const { code } = decision;
    // A token that is ambiguous between other clients is not this client's, whose own candidate would be the only one allowed.
    const isOwn = addressed.some(({ name }) => name === this.client);
    // A token that is also addressed to other clients may still be theirs.
    const isRetired = code === 'client_retired' && addressed.length === 1;
    const isMalformed = code === 'invalid_request' || code === 'malformed_token';
    if (isMalformed || ((code === 'invalid_claims' || isRetired) && isOwn)) {
      this.shared.observer.record(authenticationOf(decision, undefined), startedAt);
      this.refused(decision, request);
    } else {
      this.fail(401);
    }
  }
}
