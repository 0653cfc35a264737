import { createHash } from 'node:crypto';
import type { IssuerConfiguration } from '../core/client/client';
import type { Clock } from '../core/clock';
import type { RefusedFacts } from '../core/decision/decision';
import type { Failure } from '../core/decision/failure';
import { claimsOfAnswer } from '../core/introspection/answer';
import type { IntrospectionSettings } from '../core/introspection/settings';
import { isNumericDate } from '../core/checks/claims';
import { own } from '../core/token/json-object';
import type { UnverifiedToken } from '../core/token/unverified-token';
import { FetchError } from '../issuer/fetch-json';
import { UnloadableError } from '../issuer/introspection-client';
import { IntrospectionEndpoint } from '../issuer/introspection-endpoint';
import type { Issuer } from '../issuer/issuer';
import type { FetchPolicy, IssuerLog } from '../issuer/key-refresh';
import { AnswerPool } from './answer-pool';
import { IntrospectionGate } from './introspection-gate';

/** The most memory for answers about active tokens of one issuer, and for those about all others, in bytes. */
const ACTIVE_BYTES = 16 * 1024 * 1024;
const INACTIVE_BYTES = 1024 * 1024;

/** What the issuer says of a token: its claims, which are still to be checked, or why it is not proven. */
export type IntrospectionProof =
  | { readonly answer: UnverifiedToken }
  | { readonly answer?: undefined; readonly failure: Failure; readonly facts?: RefusedFacts };

const INACTIVE: IntrospectionProof = { failure: { check: 'introspection', code: 'token_inactive' } };

/** How often the issuer was asked, and how often that was not needed or in vain. */
export interface IntrospectionUse {
  requests: number;
  hits: number;
  waits: number;
  failures: number;
  /** Why the last request failed; undefined if it did not. */
  lastError: string | undefined;
}

/**
 * Proves tokens by asking their one issuer (RFC 7662). Answers are remembered for a short time, and requests for one token
 * at a time are one request.
 *
 * @internal
 */
export class IntrospectionProver {
  readonly use: IntrospectionUse = { requests: 0, hits: 0, waits: 0, failures: 0, lastError: undefined };
  readonly #endpoint: IntrospectionEndpoint;
  readonly #active = new AnswerPool<IntrospectionProof>(ACTIVE_BYTES);
  readonly #inactive = new AnswerPool<IntrospectionProof>(INACTIVE_BYTES);
  readonly #asking = new Map<string, Promise<IntrospectionProof>>();
  readonly #gate = new IntrospectionGate();

  constructor(
    readonly configuration: IssuerConfiguration,
    readonly settings: IntrospectionSettings,
    issuer: Issuer,
    policy: FetchPolicy,
    private readonly clock: Clock,
    private readonly log: IssuerLog,
  ) {
    this.#endpoint = new IntrospectionEndpoint(configuration, settings, policy, issuer, clock);
  }

  /** The bytes that remembered answers take. */
  get bytes(): number {
    return this.#active.use.bytes + this.#inactive.use.bytes;
  }

  close(): void {
    this.#endpoint.close();
  }

  /** Answers without a promise where the answer is remembered. Never rejects. */
  prove(token: string): IntrospectionProof | Promise<IntrospectionProof> {
    const key = createHash('sha256').update(token).digest('base64');
    const now = this.clock.monotonic();
    const known = this.#active.find(key, now) ?? this.#inactive.find(key, now);
    if (known !== undefined) {
      this.use.hits += 1;
      return known;
    }
    const asking = this.#asking.get(key);
    if (asking !== undefined) {
      this.use.waits += 1;
      return asking;
    }
    const isKnown = this.#active.has(key);
    const turn = this.#gate.enter(isKnown, now);
    if (turn === false) {
      return this.#unavailable();
    }
    const started = this.#askInTurn(key, token, isKnown, turn).finally(() => this.#asking.delete(key));
    this.#asking.set(key, started);
    return started;
  }

  async #askInTurn(
    key: string,
    token: string,
    isKnown: boolean,
    turn: boolean | Promise<boolean>,
  ): Promise<IntrospectionProof> {
    return (await turn) ? this.#ask(key, token, isKnown) : this.#unavailable();
  }

  async #ask(key: string, token: string, isKnown: boolean): Promise<IntrospectionProof> {
    this.use.requests += 1;
    // An answer is as old as the question.
    const askedAt = this.clock.monotonic();
    try {
      const document = await this.#endpoint.ask(token);
      const answer = claimsOfAnswer(document, this.configuration.issuer ?? '');
      this.use.lastError = undefined;
      this.#gate.leave(answer !== undefined || isKnown ? 'active' : 'vain', isKnown, this.clock.monotonic());
      return answer === undefined ? this.#rememberInactive(key, askedAt) : this.#remember(key, answer, askedAt);
    } catch (error) {
      this.#fail(error);
      this.#gate.leave('failed', isKnown, this.clock.monotonic());
      return this.#unavailable();
    }
  }

  #remember(key: string, answer: UnverifiedToken, askedAt: number): IntrospectionProof {
    const proof: IntrospectionProof = { answer };
    const expiry = own(answer.unverifiedClaims, 'exp');
    // Never beyond `exp` (RFC 7662 section 4).
    const left = isNumericDate(expiry) ? expiry - this.clock.now() : Infinity;
    const freshFor = Math.min(this.settings.cacheFor, left);
    this.#inactive.forget(key);
    // Also with a `cacheFor` of 0, where it is never fresh: a token that was active goes before unknown ones.
    if (left > 0) {
      this.#active.remember(key, proof, answer.unverifiedClaimsText.length, askedAt + freshFor);
    }
    return proof;
  }

  #rememberInactive(key: string, askedAt: number): IntrospectionProof {
    this.#active.forget(key);
    if (this.settings.negativeCacheFor > 0) {
      this.#inactive.remember(key, INACTIVE, 0, askedAt + this.settings.negativeCacheFor);
    }
    return INACTIVE;
  }

  #unavailable(): IntrospectionProof {
    const retryAfter = this.#gate.retryAfter(this.clock.monotonic());
    return { failure: { check: 'introspection', code: 'introspection_unavailable' }, facts: { retryAfter } };
  }

  /** Says once that the issuer cannot be asked. */
  #fail(error: unknown): void {
    const isKnown = error instanceof FetchError || error instanceof UnloadableError;
    const reason = isKnown ? error.message : 'unexpected failure';
    const isNews = this.use.lastError === undefined;
    this.use.failures += 1;
    this.use.lastError = reason;
    if (isNews) {
      try {
        this.log.warn(
          `issuer ${this.configuration.issuer} cannot be asked about tokens: ${reason}; they get 503 until it can`,
        );
      } catch {
        // A logger that fails must not make a decision fail.
      }
    }
  }
}
