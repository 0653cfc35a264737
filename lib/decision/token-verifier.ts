import { randomBytes } from 'node:crypto';
import type { Client } from '../core/client/client';
import type { ClientIndex } from '../core/client/client-index';
import type { StrictnessRule } from '../core/checks/strictness';
import { checkAnswer, checkToken, conclude } from '../core/checks/verification';
import type { Clock } from '../core/clock';
import {
  refusedBecause,
  type AcceptedDecision,
  type Decision,
  type RefusedDecision,
  type RefusedFacts,
} from '../core/decision/decision';
import type { Failure } from '../core/decision/failure';
import { addAnswer, tokenOfClaims } from '../core/introspection/answer';
import { importSecret, type VerificationKey } from '../core/key/verification-key';
import { createPrincipal, OidcPrincipal, propertiesOf } from '../core/principal/oidc-principal';
import { DirectPresentation, type Presentation } from '../core/token/presentation';
import type { JsonObject } from '../core/token/json-object';
import { parseToken } from '../core/token/unverified-token';
import type { Issuers } from '../issuer/issuers';
import type { IntrospectionProof, IntrospectionProver } from './introspection-prover';
import type { Introspections } from './introspections';
import { seenTokenOf, type SeenToken } from './seen-token';
import { SignatureProver, type SignatureProof } from './signature-prover';
import {
  TokenSelector,
  type OpaqueToken,
  type ReadToken,
  type SelectedToken,
  type UnselectedToken,
} from './token-selector';
import type { VerificationCache } from './verification-cache';

/**
 * Takes a token through the decision. The steps: read, select, prove, standing checks, admit. The first check that fails
 * decides the code. Guards, strategies and `OidcAuthService` all use it.
 *
 * @internal
 */
export class TokenVerifier {
  readonly #selector: TokenSelector;
  readonly #prover: SignatureProver;

  constructor(
    private readonly clients: ClientIndex,
    private readonly issuers: Issuers,
    private readonly clock: Clock,
    private readonly maxTokenBytes: number,
    private readonly cache?: VerificationCache,
    private readonly introspections?: Introspections,
  ) {
    this.#selector = new TokenSelector(clients, issuers, clock, maxTokenBytes, cache, introspections);
    this.#prover = new SignatureProver(issuers);
  }

  /**
   * A verifier with a stopped clock, and its time in seconds since the epoch. It has no cache, so it takes every step.
   */
  atThisMoment(): { readonly verifier: TokenVerifier; readonly now: number } {
    const now = this.clock.now();
    const clock: Clock = { now: () => now, monotonic: () => this.clock.monotonic() };
    return { verifier: new TokenVerifier(this.clients, this.issuers, clock, this.maxTokenBytes), now };
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

  /** Reads a token and selects its client, or refuses. Uses neither cryptography nor network. */
  select(presentation: Presentation, allowed?: ReadonlySet<string>): SelectedToken | UnselectedToken {
    return this.#selector.select(presentation, allowed);
  }

  /** Takes all steps after selection. Answers without a promise when the key is in hand. Never rejects. */
  verify(selected: SelectedToken, allowed?: ReadonlySet<string>): Decision | Promise<Decision> {
    if (selected.seen !== undefined) {
      return this.#admitSeen(selected.seen, selected.allowed);
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

  #concludeOpaque(opaque: OpaqueToken, proof: IntrospectionProof, allowed?: ReadonlySet<string>): Decision {
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
      ? this.#conclude(client.hasFunctions ? withOwnClaims(selected) : selected, { signer: INTROSPECTED })
      : this.#refuse(failure, client);
  }

  /** Asks the issuer about a JWT that was verified here, and goes on with the claims of both. */
  async #askToo(selected: ReadToken, proof: SignatureProof, prover: IntrospectionProver): Promise<Decision> {
    const { token, client, presentation } = selected;
    if (proof.signer === undefined) {
      return this.#conclude(selected, proof);
    }
    const told = await prover.prove(presentation.token);
    if (told.answer === undefined) {
      return this.#refuse(told.failure, client, told.facts);
    }
    const now = this.clock.now();
    const merged = addAnswer(token, told.answer, client);
    if ('check' in merged) {
      return this.#refuse(merged, client);
    }
    const failure = checkAnswer(told.answer, client, now) ?? checkToken(merged, client, now);
    return failure === undefined
      ? this.#conclude({ ...selected, token: merged }, proof)
      : this.#refuse(failure, client);
  }

  /** Waits for the issuer's identifier and selects again, because one of the two forms of `iss` is now unknown. */
  async #proveOnceIdentified(
    { presentation, token, client }: ReadToken,
    allowed?: ReadonlySet<string>,
  ): Promise<Decision> {
    const unavailable = await this.issuers.of(client.issuer).awaitIdentifier();
    if (unavailable?.kind === 'unavailable') {
      const { retryAfter } = unavailable;
      return this.#refuse({ check: 'client', code: 'keys_unavailable', claim: 'iss' }, client, { retryAfter });
    }
    const selected = this.#selector.selectAgain(presentation, token, allowed);
    return selected.client === undefined ? selected.decision : this.#prove(selected);
  }

  #prove(selected: ReadToken): Decision | Promise<Decision> {
    const { token, client } = selected;
    const failure = checkToken(token, client, this.clock.now());
    if (failure !== undefined) {
      return this.#refuse(failure, client);
    }
    const proof = this.#prover.prove(token, client);
    const asked = this.introspections?.proverOfJwt(client.issuer);
    if (asked !== undefined) {
      return Promise.resolve(proof).then((settled) => this.#askToo(selected, settled, asked));
    }
    return proof instanceof Promise
      ? proof.then((settled) => this.#conclude(selected, settled))
      : this.#conclude(selected, proof);
  }

  /** Asks the application's own rules, makes the principal, and remembers a token that is accepted. */
  #conclude(selected: ReadToken, proof: SignatureProof): Decision {
    const { token, client, allowed, selection } = selected;
    const { signer: key } = proof;
    if (key === undefined) {
      return this.#refuse(proof.failure, client, proof.facts);
    }
    const verdict = conclude(token, client, key, selection.audiences);
    if ('check' in verdict) {
      return this.#refuse(verdict, client, idOf(key));
    }
    const properties = propertiesOf(verdict);
    const { reported } = verdict;
    const decision = this.#admit(client, allowed, key, OidcPrincipal.of(properties), reported);
    // Answers of issuers are remembered by themselves, for a shorter time.
    if (decision.accepted && key !== INTROSPECTED && this.introspections?.proverOfJwt(client.issuer) === undefined) {
      const { candidates, audiences } = selection;
      const issuer = this.issuers.of(client.issuer);
      this.cache?.remember(seenTokenOf({ token, client, issuer, audiences, candidates, key, properties, reported }));
    }
    return decision;
  }

  #admitSeen({ text, client, key, audiences, properties, reported }: SeenToken, isAllowed: boolean): Decision {
    if (properties !== undefined) {
      return this.#admit(client, isAllowed, key, OidcPrincipal.of(properties), reported);
    }
    // Functions of the application get their own copy of the claims, and decide each time.
    const token = parseToken(text, this.maxTokenBytes);
    const verdict = token && conclude(token, client, key, audiences);
    if (verdict === undefined || 'check' in verdict) {
      return this.#refuse(verdict ?? { check: 'parse', code: 'malformed_token' }, client, idOf(key));
    }
    return this.#admit(client, isAllowed, key, createPrincipal(verdict), verdict.reported);
  }

  /** The last step, for a token that is good. */
  #admit(
    client: Client,
    isAllowed: boolean,
    key: VerificationKey,
    principal: OidcPrincipal,
    reported: readonly StrictnessRule[],
  ): Decision {
    if (!isAllowed) {
      return this.#refuse({ check: 'allowed_client', code: 'client_not_allowed' }, client, idOf(key));
    }
    const decision: Writable<AcceptedDecision> = { accepted: true, principal };
    if (key.keyId !== undefined) {
      decision.keyId = key.keyId;
    }
    if (reported.length > 0) {
      decision.reported = reported;
    }
    return decision;
  }

  #refuse(failure: Failure, client: Client, known?: RefusedFacts): RefusedDecision {
    const facts = this.#selector.factsOf(client);
    return refusedBecause(failure, known === undefined ? facts : { ...facts, ...known });
  }
}

/** Stands for the key of a token that its issuer vouches for. It verifies nothing. */
const INTROSPECTED: VerificationKey = importSecret(randomBytes(32));

/** Functions of the application may change claims, and the answer is remembered. */
function withOwnClaims(selected: ReadToken): ReadToken {
  const { token } = selected;
  const claims = JSON.parse(token.unverifiedClaimsText) as JsonObject;
  return { ...selected, token: tokenOfClaims(claims, token.unverifiedClaimsText) };
}

function idOf(key: VerificationKey): RefusedFacts {
  return key.keyId === undefined ? {} : { keyId: key.keyId };
}

/** An object under construction. Spreading parts into one object takes several times as long. */
type Writable<T> = { -readonly [Member in keyof T]: T[Member] };
