import type { Clock } from '../core/clock';
import type { Failure } from '../core/decision/failure';
import { judgeNonce, makeNonce } from '../core/proof/nonce';
import type { PossessionSettings } from '../core/proof/possession-settings';
import { parseProof, type Proof } from '../core/proof/proof';
import { findProofFault, findProofFaults, useOf, type ProofContext } from '../core/proof/proof-checks';
import { targetUris } from '../core/proof/target-uri';
import { countLines } from '../core/token/bearer';
import { own } from '../core/token/json-object';
import type { Presentation } from '../core/token/presentation';
import { ProofHeaders } from './proof-headers';
import type { ReplayGuard } from './replay-guard';
import type { Possession } from './possession';

/** When the next attempt makes sense, in seconds, while a proof cannot be remembered. */
const RETRY_AFTER = 5;

const GOOD: Possession = {};

/** What came of the proof of an HTTP request, for whoever looks at that request again. */
interface Settled {
  readonly token: string;
  readonly thumbprint: string;
  readonly result: Possession | Promise<Possession>;
}

/**
 * Verifies DPoP proofs (RFC 9449 section 4.3), each once for an HTTP request, however many guards and resolvers ask.
 *
 * @internal
 */
export class ProofVerifier {
  readonly #headers = new ProofHeaders();
  readonly #settled = new WeakMap<object, Settled>();

  constructor(
    private readonly settings: PossessionSettings,
    private readonly clock: Clock,
    private readonly store: ReplayGuard | undefined,
  ) {}

  /**
   * @param thumbprint the thumbprint of the key that the token is bound to.
   * @param algorithms what the client narrows the algorithms of proofs to; undefined if it does not.
   */
  verify(
    presentation: Presentation,
    thumbprint: string,
    algorithms: ReadonlySet<string> | undefined,
  ): Possession | Promise<Possession> {
    const { exchange, token } = presentation;
    const before = this.#settled.get(exchange);
    if (before?.token === token && before.thumbprint === thumbprint) {
      return before.result;
    }
    const result = this.#verify(presentation, thumbprint, algorithms ?? this.settings.algorithms);
    this.#settled.set(exchange, { token, thumbprint, result });
    return result;
  }

  /** Every check that the proof of a request fails, for explanations. */
  faultsOf(
    presentation: Presentation,
    thumbprint: string,
    algorithms: ReadonlySet<string> | undefined,
  ): readonly Failure[] {
    const first = this.#verify(presentation, thumbprint, algorithms ?? this.settings.algorithms);
    const failure = first instanceof Promise ? undefined : first.failure;
    const proof = parseProof(proofTextOf(presentation) ?? '', this.#headers.find);
    if (proof === undefined) {
      return failure === undefined ? [] : [failure];
    }
    const faults = findProofFaults(proof, this.#contextOf(presentation, thumbprint, algorithms));
    return failure?.check === 'nonce' ? [...faults, failure] : faults;
  }

  #contextOf(
    presentation: Presentation,
    thumbprint: string,
    algorithms: ReadonlySet<string> = this.settings.algorithms,
  ): ProofContext {
    const { origins, maxProofAge } = this.settings;
    return {
      algorithms,
      maxProofAge,
      method: presentation.method,
      targets: targetUris(origins, presentation.url),
      token: presentation.token,
      thumbprint,
      now: this.clock.now(),
    };
  }

  #verify(
    presentation: Presentation,
    thumbprint: string,
    algorithms: ReadonlySet<string>,
  ): Possession | Promise<Possession> {
    const text = proofTextOf(presentation);
    if (text === undefined) {
      return { failure: { check: 'binding', code: 'proof_required', claim: 'jkt', expected: thumbprint } };
    }
    const proof = text === null ? undefined : parseProof(text, this.#headers.find);
    if (proof === undefined) {
      const actual = text === null ? 'several' : 'malformed';
      const expected = 'one well-formed JWT';
      return { failure: { check: 'proof', code: 'invalid_dpop_proof', claim: 'DPoP', expected, actual } };
    }
    const context = this.#contextOf(presentation, thumbprint, algorithms);
    const failure = findProofFault(proof, context);
    if (failure !== undefined) {
      return { failure };
    }
    this.#headers.remember(proof.header);
    return this.#useUp(proof, context);
  }

  /** The nonce, then the `jti`. */
  #useUp(proof: Proof, context: ProofContext): Possession | Promise<Possession> {
    const { nonce: settings } = this.settings;
    const nonce = own(proof.claims, 'nonce');
    const judgement = settings === undefined ? 'good' : judgeNonce(nonce, settings, context.now);
    const dpopNonce = settings === undefined || judgement === 'good' ? undefined : makeNonce(settings, context.now);
    if (judgement === 'bad') {
      const failure: Failure = { check: 'nonce', code: 'use_dpop_nonce', claim: 'nonce', actual: nonce };
      return { failure, facts: { ...(dpopNonce !== undefined && { dpopNonce }) } };
    }
    const accepted: Possession = dpopNonce === undefined ? GOOD : { dpopNonce };
    if (this.store === undefined) {
      return accepted;
    }
    const { key, lifetime } = useOf(proof, context);
    const isNew = this.store.remember(key, lifetime);
    return isNew instanceof Promise ? isNew.then((settled) => settle(settled, accepted)) : settle(isNew, accepted);
  }
}

const UNAVAILABLE: Possession = {
  failure: { check: 'replay', code: 'state_unavailable', claim: 'jti' },
  facts: { retryAfter: RETRY_AFTER },
};

const REPLAYED: Possession = {
  failure: { check: 'replay', code: 'invalid_dpop_proof', claim: 'jti', expected: 'one that was not used before' },
};

/** @param isNew undefined where the proof could not be remembered. */
function settle(isNew: boolean | undefined, accepted: Possession): Possession {
  return isNew === true ? accepted : isNew === false ? REPLAYED : UNAVAILABLE;
}

/** The proof of a request; undefined for none, null where there are several. */
function proofTextOf({ headers: { headers, rawHeaders = [] } }: Presentation): string | null | undefined {
  const value = headers?.['dpop'];
  if (value === undefined || value === '') {
    return undefined;
  }
  return typeof value === 'string' && countLines(rawHeaders, 'dpop') < 2 ? value : null;
}
