import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
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
  /** Answers from the cache. */
  hits: number;
  /** Tokens that waited for the request of another call. */
  waits: number;
  /** Tokens that nobody asked about, because of the bounds on requests. */
  rejections: number;
  failures: number;
  /** Why the last request failed; undefined if it did not. */
  lastError: string | undefined;
}

/** Is told when an issuer cannot be asked any more, with the reason, and when it can again, without one. */
export type IntrospectionListener = (issuer: string, reason: string | undefined) => void;

/** What a prover needs beside its configuration. */
export interface ProverServices {
  readonly policy: FetchPolicy;
  readonly clock: Clock;
  readonly log: IssuerLog;
  readonly listener?: IntrospectionListener | undefined;
}

/** Answers, and the requests that are under way for them. */
interface Answers {
  readonly active: AnswerPool<IntrospectionProof>;
  readonly inactive: AnswerPool<IntrospectionProof>;
  readonly asking: Map<string, Promise<IntrospectionProof>>;
}

/**
 * Proves tokens by asking their one issuer (RFC 7662). Answers are remembered for a short time, and requests for one token
 * at a time are one request.
 *
 * @internal
 */
export class IntrospectionProver {
  readonly use: IntrospectionUse;
  readonly #endpoint: IntrospectionEndpoint;
  readonly #answers: Answers;
  readonly #gate: IntrospectionGate;
  readonly #clock: Clock;

  /**
   * @param previous the prover of the same issuer before an exchange of clients. Its bounds go on, so that an exchange lets no
   *   flood through. Its answers go on if the issuer is asked in the same way.
   */
  constructor(
    readonly configuration: IssuerConfiguration,
    readonly settings: IntrospectionSettings,
    issuer: Issuer,
    private readonly services: ProverServices,
    previous?: IntrospectionProver,
  ) {
    this.#clock = services.clock;
    this.#endpoint = new IntrospectionEndpoint(configuration, settings, services.policy, issuer, services.clock);
    this.use = previous?.use ?? { requests: 0, hits: 0, waits: 0, rejections: 0, failures: 0, lastError: undefined };
    this.#gate = previous === undefined ? new IntrospectionGate() : previous.#gate;
    this.#answers =
      previous !== undefined && isAskedAlike(previous.configuration, configuration)
        ? previous.#answers
        : { active: new AnswerPool(ACTIVE_BYTES), inactive: new AnswerPool(INACTIVE_BYTES), asking: new Map() };
  }

  /** The bytes that remembered answers take. */
  get bytes(): number {
    return this.#answers.active.use.bytes + this.#answers.inactive.use.bytes;
  }

  close(): void {
    this.#endpoint.close();
  }

  /** Answers without a promise where the answer is remembered. Never rejects. */
  prove(token: string): IntrospectionProof | Promise<IntrospectionProof> {
    const key = createHash('sha256').update(token).digest('base64');
    const now = this.#clock.monotonic();
    const known = this.#answers.active.find(key, now) ?? this.#answers.inactive.find(key, now);
    if (known !== undefined) {
      this.use.hits += 1;
      return known;
    }
    const asking = this.#answers.asking.get(key);
    if (asking !== undefined) {
      this.use.waits += 1;
      return asking;
    }
    const isKnown = this.#answers.active.has(key);
    const turn = this.#gate.enter(isKnown, now);
    if (turn === false) {
      this.use.rejections += 1;
      return this.#unavailable();
    }
    const started = this.#askInTurn(key, token, isKnown, turn).finally(() => this.#answers.asking.delete(key));
    this.#answers.asking.set(key, started);
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
    const askedAt = this.#clock.monotonic();
    try {
      const document = await this.#endpoint.ask(token);
      const answer = claimsOfAnswer(document, this.configuration.issuer ?? '');
      this.#succeed();
      this.#gate.leave(answer !== undefined || isKnown ? 'active' : 'vain', isKnown, this.#clock.monotonic());
      return answer === undefined ? this.#rememberInactive(key, askedAt) : this.#remember(key, answer, askedAt);
    } catch (error) {
      this.#fail(error);
      this.#gate.leave('failed', isKnown, this.#clock.monotonic());
      return this.#unavailable();
    }
  }

  #remember(key: string, answer: UnverifiedToken, askedAt: number): IntrospectionProof {
    const proof: IntrospectionProof = { answer };
    const expiry = own(answer.unverifiedClaims, 'exp');
    // Never beyond `exp` (RFC 7662 section 4).
    const left = isNumericDate(expiry) ? expiry - this.#clock.now() : Infinity;
    const freshFor = Math.min(this.settings.cacheFor, left);
    this.#answers.inactive.forget(key);
    // Also with a `cacheFor` of 0, where it is never fresh: a token that was active goes before unknown ones.
    if (left > 0) {
      this.#answers.active.remember(key, proof, answer.unverifiedClaimsText.length, askedAt + freshFor);
    }
    return proof;
  }

  #rememberInactive(key: string, askedAt: number): IntrospectionProof {
    this.#answers.active.forget(key);
    if (this.settings.negativeCacheFor > 0) {
      this.#answers.inactive.remember(key, INACTIVE, 0, askedAt + this.settings.negativeCacheFor);
    }
    return INACTIVE;
  }

  #unavailable(): IntrospectionProof {
    const retryAfter = this.#gate.retryAfter(this.#clock.monotonic());
    return { failure: { check: 'introspection', code: 'introspection_unavailable' }, facts: { retryAfter } };
  }

  /** Says once that the issuer cannot be asked. */
  #fail(error: unknown): void {
    const { issuer } = this.configuration;
    const isKnown = error instanceof FetchError || error instanceof UnloadableError;
    const reason = isKnown ? error.message : 'unexpected failure';
    const isNews = this.use.lastError === undefined;
    this.use.failures += 1;
    this.use.lastError = reason;
    if (isNews) {
      this.#tell(reason, () =>
        this.services.log.warn(`issuer ${issuer} cannot be asked about tokens: ${reason}; they get 503 until it can`),
      );
    }
  }

  /** Says once that the issuer can be asked again. */
  #succeed(): void {
    const { issuer } = this.configuration;
    const isNews = this.use.lastError !== undefined;
    this.use.lastError = undefined;
    if (isNews) {
      this.#tell(undefined, () => this.services.log.log(`issuer ${issuer} can be asked about tokens again`));
    }
  }

  /** A logger or listener that fails must not make a decision fail. */
  #tell(reason: string | undefined, log: () => void): void {
    try {
      log();
      this.services.listener?.(this.configuration.issuer ?? '', reason);
    } catch {
      // There is no other place to report it.
    }
  }
}

/** Whether two configurations of one issuer ask the same endpoint in the same way. Their answers are interchangeable then. */
function isAskedAlike(one: IssuerConfiguration, other: IssuerConfiguration): boolean {
  const [place, otherPlace] = [one.keySource, other.keySource];
  // Keys that are not fetched can change, and signed answers depend on them.
  const isStatic = place.kind !== 'discovery' && place.kind !== 'jwksUri';
  const hasSameKeys = isStatic
    ? place.kind === otherPlace.kind && one.introspection?.signedResponses !== true
    : isDeepStrictEqual(place, otherPlace);
  return (
    hasSameKeys &&
    one.issuer === other.issuer &&
    one.allowInsecureHttp === other.allowInsecureHttp &&
    one.dispatcher === other.dispatcher &&
    isDeepStrictEqual(one.fetchHeaders, other.fetchHeaders) &&
    isDeepStrictEqual(one.introspection, other.introspection)
  );
}
