import type { ClientIndex } from '../core/client/client-index';
import { checkAnswer, checkToken } from '../core/checks/verification';
import type { Clock } from '../core/clock';
import { refusedBecause, type Decision } from '../core/decision/decision';
import { addAnswer, tokenOfClaims } from '../core/introspection/answer';
import { DirectPresentation, type Presentation } from '../core/token/presentation';
import type { JsonObject } from '../core/token/json-object';
import type { Issuers } from '../issuer/issuers';
import type { ProofOfPossession } from './proof-of-possession';
import type { Revocations } from './revocations';
import type { Enrichments } from './enrichments';
import type { IntrospectionProof, IntrospectionProver } from './introspection-prover';
import type { Introspections } from './introspections';
import { SignatureProver, type SignatureProof } from './signature-prover';
import { INTROSPECTED, TokenAdmission } from './token-admission';
import {
  TokenSelector,
  type OpaqueToken,
  type ReadToken,
  type SelectedToken,
  type UnselectedToken,
} from './token-selector';
import type { VerificationCache } from './verification-cache';

/**
 * Takes a token through the decision. The steps: read, select, prove, bind, standing checks, admit. The first check that fails
 * decides the code. Guards, strategies and `OidcAuthService` all use it.
 *
 * @internal
 */
export class TokenVerifier {
  readonly #selector: TokenSelector;
  readonly #prover: SignatureProver;
  readonly #admission: TokenAdmission;

  constructor(
    private readonly clients: ClientIndex,
    private readonly issuers: Issuers,
    private readonly clock: Clock,
    private readonly maxTokenBytes: number,
    private readonly cache?: VerificationCache,
    private readonly possession?: ProofOfPossession,
    private readonly revocations?: Revocations,
    private readonly introspections?: Introspections,
    private readonly enrichments?: Enrichments,
  ) {
    this.#selector = new TokenSelector(clients, issuers, clock, maxTokenBytes, cache, revocations, introspections);
    this.#prover = new SignatureProver(issuers);
    const services = { issuers, maxTokenBytes, cache, possession, revocations, introspections, enrichments };
    this.#admission = new TokenAdmission(this.#selector, services);
  }

  /**
   * A verifier with a stopped clock, and its time in seconds since the epoch. It has no cache, so it takes every step, and it
   * uses up no proof.
   *
   * @param asksIssuers whether issuers are asked about tokens.
   */
  atThisMoment(asksIssuers = false): {
    readonly verifier: TokenVerifier;
    readonly now: number;
    readonly possession: ProofOfPossession | undefined;
  } {
    const now = this.clock.now();
    const clock: Clock = { now: () => now, monotonic: () => this.clock.monotonic() };
    const { clients, issuers, maxTokenBytes, revocations } = this;
    const possession = this.possession?.withoutReplay(clock);
    return {
      verifier: new TokenVerifier(
        clients,
        issuers,
        clock,
        maxTokenBytes,
        undefined,
        possession,
        revocations,
        asksIssuers ? this.introspections : undefined,
        this.enrichments,
      ),
      now,
      possession,
    };
  }

  /**
   * Takes every step for a token without a request. Answers without a promise when the key is in hand. Never rejects.
   *
   * @param allowed the clients the route is for; absent where it is for all.
   */
  decide(token: string, allowed?: ReadonlySet<string>): Decision | Promise<Decision> {
    const selected = this.select(new DirectPresentation(token), allowed);
    if (selected.client !== undefined) {
      return this.verify(selected, allowed);
    }
    return selected.opaque === undefined ? selected.decision : this.verifyOpaque(selected.opaque, allowed);
  }

  /** The opaque token that a request presents, and the issuer that would be asked; undefined for any other token. */
  opaqueOf(presentation: Presentation): OpaqueToken | undefined {
    return this.#selector.opaqueOf(presentation);
  }

  /** Reads a token and selects its client, or refuses. Uses neither cryptography nor network. */
  select(presentation: Presentation, allowed?: ReadonlySet<string>): SelectedToken | UnselectedToken {
    return this.#selector.select(presentation, allowed);
  }

  /** Takes all steps after selection. Answers without a promise when the key is in hand. Never rejects. */
  verify(selected: SelectedToken, allowed?: ReadonlySet<string>): Decision | Promise<Decision> {
    if (selected.seen !== undefined) {
      return this.#admission.bindSeen(selected);
    }
    return selected.selection.provisional ? this.#proveOnceIdentified(selected, allowed) : this.#prove(selected);
  }

  /**
   * Takes all steps for an opaque token: asks its issuer, selects the client by the answer, and goes on as for a JWT that is
   * proven. Answers without a promise when the answer is remembered. Never rejects.
   */
  verifyOpaque(opaque: OpaqueToken, allowed?: ReadonlySet<string>): Decision | Promise<Decision> {
    const proof = opaque.prover.prove(opaque.presentation.token);
    return proof instanceof Promise
      ? proof.then((settled) => this.#concludeOpaque(opaque, settled, allowed))
      : this.#concludeOpaque(opaque, proof, allowed);
  }

  #concludeOpaque(
    opaque: OpaqueToken,
    proof: IntrospectionProof,
    allowed?: ReadonlySet<string>,
  ): Decision | Promise<Decision> {
    if (proof.answer === undefined) {
      const { issuer } = opaque.prover.configuration;
      return refusedBecause(proof.failure, { ...(issuer !== undefined && { issuer }), ...proof.facts });
    }
    const selected = this.#selector.selectOpaque(opaque, proof.answer, allowed);
    if (selected.client === undefined) {
      return selected.decision;
    }
    const { token, client } = selected;
    const failure = checkAnswer(token, client, this.clock.now());
    return failure === undefined
      ? this.#admission.conclude(client.hasFunctions ? withOwnClaims(selected) : selected, { signer: INTROSPECTED })
      : this.#admission.refuse(failure, client);
  }

  /** Asks the issuer about a JWT that was verified here, and goes on with the claims of both. */
  async #askToo(selected: ReadToken, proof: SignatureProof, prover: IntrospectionProver): Promise<Decision> {
    const { token, client, presentation } = selected;
    if (proof.signer === undefined) {
      return this.#admission.conclude(selected, proof);
    }
    const told = await prover.prove(presentation.token);
    if (told.answer === undefined) {
      return this.#admission.refuse(told.failure, client, told.facts);
    }
    const now = this.clock.now();
    const merged = addAnswer(token, told.answer, client);
    if ('check' in merged) {
      return this.#admission.refuse(merged, client);
    }
    const failure = checkAnswer(told.answer, client, now) ?? checkToken(merged, client, now);
    return failure === undefined
      ? this.#admission.conclude({ ...selected, token: merged }, proof)
      : this.#admission.refuse(failure, client);
  }

  /** Waits for the issuer's identifier and selects again, because one of the two forms of `iss` is now unknown. */
  async #proveOnceIdentified(
    { presentation, token, client }: ReadToken,
    allowed?: ReadonlySet<string>,
  ): Promise<Decision> {
    const unavailable = await this.issuers.of(client.issuer).awaitIdentifier();
    if (unavailable?.kind === 'unavailable') {
      const { retryAfter } = unavailable;
      return this.#admission.refuse({ check: 'client', code: 'keys_unavailable', claim: 'iss' }, client, {
        retryAfter,
      });
    }
    const selected = this.#selector.selectAgain(presentation, token, allowed);
    return selected.client === undefined ? selected.decision : this.#prove(selected);
  }

  #prove(selected: ReadToken): Decision | Promise<Decision> {
    const { token, client } = selected;
    const failure = checkToken(token, client, this.clock.now());
    if (failure !== undefined) {
      return this.#admission.refuse(failure, client);
    }
    const proof = this.#prover.prove(token, client);
    const asked = this.introspections?.proverOfJwt(client.issuer);
    if (asked !== undefined) {
      return Promise.resolve(proof).then((settled) => this.#askToo(selected, settled, asked));
    }
    return proof instanceof Promise
      ? proof.then((settled) => this.#admission.conclude(selected, settled))
      : this.#admission.conclude(selected, proof);
  }
}

/** Functions of the application may change claims, and the answer is remembered. */
function withOwnClaims(selected: ReadToken): ReadToken {
  const { token } = selected;
  const claims = JSON.parse(token.unverifiedClaimsText) as JsonObject;
  return { ...selected, token: tokenOfClaims(claims, token.unverifiedClaimsText) };
}
