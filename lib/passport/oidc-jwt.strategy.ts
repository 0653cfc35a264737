import { Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import type { Client } from '../core/client/client';
import type { Decision, RefusedDecision } from '../core/decision/decision';
import type { SelectedToken, TokenVerifier, UnselectedToken } from '../decision/token-verifier';
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

/** passport-jwt wants functions for the verification that `authenticate` replaces: these, whatever the number of clients. */
const refuseKey: SecretOrKeyProvider = (_request, _token, done) => done(new Error('tokens are verified by the core'));
const refuseToVerify = (_claims: unknown, done: (error: Error) => void): void =>
  done(new Error('tokens are verified by the core'));

/** What the strategies of one application share. */
export interface StrategyServices {
  readonly verifier: TokenVerifier;
  readonly observer: DecisionObserver;
  readonly tokenSources: TokenSources;
}

/**
 * The Passport strategy of one client. It is a passport-jwt strategy to everything that speaks Passport; the decision
 * is the core's.
 *
 * Passport drives it on objects that inherit from it, so it has no `#private` members.
 *
 * @internal
 */
export class OidcJwtStrategy extends Strategy {
  override readonly name: string;

  constructor(
    private readonly client: Client,
    private readonly shared: StrategyServices,
    private readonly style: RefusalStyle,
  ) {
    super({ jwtFromRequest: shared.tokenSources.tokenOf, secretOrKeyProvider: refuseKey }, refuseToVerify);
    this.name = strategyName(client.name);
  }

  /**
   * Decides on a token that was selected for this client. Nothing of one request is kept here, so a guard runs it as it
   * is, for many requests at a time. Answers without a promise when the key is in hand. Never rejects.
   *
   * @param allowed the clients the route is for; absent where it is for all.
   */
  decide(selected: SelectedToken, allowed: ReadonlySet<string> | undefined): Decision | Promise<Decision> {
    return this.shared.verifier.verify(selected, allowed);
  }

  /** Decides on the token of a request, for a stock `AuthGuard`. */
  override authenticate(request: OidcRequest): void {
    const startedAt = this.shared.observer.start();
    const allowed = new Set([this.client.name]);
    const selected = selectToken(request, this.shared.tokenSources, this.shared.verifier, allowed);
    if (selected.client === undefined) {
      this.decline(selected, startedAt);
      return;
    }
    if (!selected.allowed) {
      this.fail(401);
      return;
    }
    const decision = this.decide(selected, allowed);
    if (!(decision instanceof Promise)) {
      this.settle(decision, startedAt, request);
      return;
    }
    // Whatever is called back may throw; nothing may be thrown in a promise handler, where nobody would catch it.
    decision
      .then((settled) => this.settle(settled, startedAt, request))
      .catch((error: Error) => this.error(error))
      .catch(() => undefined);
  }

  /**
   * Tells Passport of a refusal: an exception with status and code, which ends a chain of strategies. Only a token that
   * turns out, when its issuer has said who it is, not to be addressed to this client hands the chain on.
   */
  refused(decision: RefusedDecision): void {
    if (decision.code === 'unknown_issuer') {
      this.fail(401);
    } else {
      this.error(exceptionOf(decision, this.style));
    }
  }

  private settle(decision: Decision, startedAt: number | undefined, request: OidcRequest): void {
    this.shared.observer.record(authenticationOf(decision, undefined), startedAt, request);
    if (decision.accepted) {
      this.success(decision.principal, decision);
    } else {
      this.refused(decision);
    }
  }

  /**
   * Where no client was chosen: no token, or one that is not addressed to this client, is `fail()`, and the next strategy of
   * a chain is asked. Anything else is refused.
   */
  private decline({ decision, addressed }: UnselectedToken, startedAt: number | undefined): void {
    const { code } = decision;
    // Ambiguous between others, it is not this client's: its own candidate would have been the only one allowed.
    const isOwn = addressed.some(({ name }) => name === this.client.name);
    // A token that others are addressed by, too, may still be theirs.
    const isRetired = code === 'client_retired' && addressed.length === 1;
    const isMalformed = code === 'invalid_request' || code === 'malformed_token';
    if (isMalformed || ((code === 'invalid_claims' || isRetired) && isOwn)) {
      this.shared.observer.record(authenticationOf(decision, undefined), startedAt);
      this.refused(decision);
    } else {
      this.fail(401);
    }
  }
}
