import { Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import type { Client } from '../client/client';
import { refused, type Decision, type RefusedDecision } from '../decision/decision';
import type { SelectedToken, TokenVerifier } from '../decision/token-verifier';
import type { RefusalStyle } from '../refusal/refusal-style';
import { authenticationOf, type DecisionObserver } from '../observation/decision-observer';
import { OidcAuthException } from '../refusal/oidc-auth.exception';
import type { OidcRequest } from './oidc-request';
import type { TokenSources } from './token-sources';

/** The name under which a client's strategy is registered with Passport. */
export function strategyName(client: string): string {
  return `oidc:${client}`;
}

/**
 * What a guard hands to the strategy it drives: the token it parsed and the client it chose.
 *
 * @internal
 */
export class PreparedToken {
  constructor(
    readonly selected: SelectedToken,
    readonly allowed: ReadonlySet<string> | undefined,
  ) {}
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

  /** Decides on the prepared token of a guard; otherwise, for a stock `AuthGuard`, on the request's own. */
  override authenticate(request: OidcRequest, options?: unknown): void {
    // A guard that prepares the token tells of the decision itself.
    const isStock = !(options instanceof PreparedToken);
    const startedAt = isStock ? this.shared.observer.start() : 0;
    const prepared = isStock ? this.prepare(request, startedAt) : options;
    if (prepared === undefined) {
      return;
    }
    const decision = this.observed(
      this.shared.verifier.verify(prepared.selected, prepared.allowed),
      isStock,
      startedAt,
      request,
    );
    if (!(decision instanceof Promise)) {
      this.settle(decision);
      return;
    }
    // Whatever is called back may throw; nothing may be thrown in a promise handler, where nobody would catch it.
    decision
      .then((settled) => this.settle(settled))
      .catch((error: Error) => this.error(error))
      .catch(() => undefined);
  }

  /**
   * Tells Passport of a refusal: an exception with status and code, which ends a chain of strategies. Only a token that
   * turns out, when its issuer has said who it is, not to be addressed to this client hands the chain on.
   */
  refused({ code, retryAfter, message }: RefusedDecision): void {
    if (code === 'unknown_issuer') {
      this.fail(401);
    } else {
      this.error(new OidcAuthException(code, { ...this.style, retryAfter, message }));
    }
  }

  private observed(
    decision: Decision | Promise<Decision>,
    isStock: boolean,
    startedAt: number,
    request: OidcRequest,
  ): Decision | Promise<Decision> {
    if (!isStock) {
      return decision;
    }
    const record = (settled: Decision): Decision => {
      this.shared.observer.record(authenticationOf(settled, undefined), startedAt, request);
      return settled;
    };
    return decision instanceof Promise ? decision.then(record) : record(decision);
  }

  private refuse(decision: RefusedDecision, startedAt: number): void {
    this.shared.observer.record(authenticationOf(decision, undefined), startedAt);
    this.refused(decision);
  }

  private settle(decision: Decision): void {
    if (decision.accepted) {
      this.success(decision.principal, decision);
    } else {
      this.refused(decision);
    }
  }

  /**
   * Reads the token of a request for this client alone. No token, or one that is not addressed to this client, is
   * `fail()`, and the next strategy of a chain is asked. Returns undefined where the answer has been given.
   */
  private prepare(request: OidcRequest, startedAt: number): PreparedToken | undefined {
    const credentials = this.shared.tokenSources.read(request);
    if (credentials.kind === 'none') {
      this.fail(401);
      return undefined;
    }
    if (credentials.kind === 'malformed') {
      this.refuse(refused('invalid_request'), startedAt);
      return undefined;
    }
    const allowed = new Set([this.client.name]);
    const selected = this.shared.verifier.select(credentials.token, allowed);
    if (selected.client === undefined) {
      const { code } = selected.decision;
      // Ambiguous between others, it is not this client's: its own candidate would have been the only one allowed.
      const isOwn = selected.addressed.some(({ name }) => name === this.client.name);
      // A token that others are addressed by, too, may still be theirs.
      const isRetired = code === 'client_retired' && selected.addressed.length === 1;
      if (code === 'malformed_token' || ((code === 'invalid_claims' || isRetired) && isOwn)) {
        this.refuse(selected.decision, startedAt);
      } else {
        this.fail(401);
      }
      return undefined;
    }
    if (!selected.allowed) {
      this.fail(401);
      return undefined;
    }
    return new PreparedToken(selected, allowed);
  }
}
