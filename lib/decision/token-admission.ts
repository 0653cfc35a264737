import { randomBytes } from 'node:crypto';
import type { Client } from '../core/client/client';
import type { StrictnessRule } from '../core/checks/strictness';
import { conclude } from '../core/checks/verification';
import {
  refusedBecause,
  type AcceptedDecision,
  type Decision,
  type RefusedDecision,
  type RefusedFacts,
} from '../core/decision/decision';
import type { Failure } from '../core/decision/failure';
import { importSecret, type VerificationKey } from '../core/key/verification-key';
import { createPrincipal, propertiesOf } from '../core/principal/create-principal';
import { OidcPrincipal } from '../core/principal/oidc-principal';
import { confirmationOf } from '../core/proof/confirmation';
import type { Presentation } from '../core/token/presentation';
import { parseToken } from '../core/token/unverified-token';
import type { Issuers } from '../issuer/issuers';
import type { Enrichments } from './enrichments';
import type { Introspections } from './introspections';
import type { Possession } from './possession';
import type { ProofOfPossession } from './proof-of-possession';
import type { RevocableToken } from './revocation-index';
import type { Revocations } from './revocations';
import { seenTokenOf, type SeenToken } from './seen-token';
import type { SignatureProof } from './signature-prover';
import type { ReadToken, RecognizedToken, TokenSelector } from './token-selector';
import type { VerificationCache } from './verification-cache';

/** What admission needs; what is off is absent. */
export interface AdmissionServices {
  readonly issuers: Issuers;
  readonly maxTokenBytes: number;
  readonly cache?: VerificationCache | undefined;
  readonly possession?: ProofOfPossession | undefined;
  readonly revocations?: Revocations | undefined;
  readonly introspections?: Introspections | undefined;
  readonly enrichments?: Enrichments | undefined;
}

/**
 * The last steps of the decision, for a token that is proven, by a signature or by its issuer's answer: bind, standing checks,
 * admit.
 *
 * @internal
 */
export class TokenAdmission {
  constructor(
    private readonly selector: TokenSelector,
    private readonly services: AdmissionServices,
  ) {}

  /** The step "bind", for a token that is proven. */
  conclude(selected: ReadToken, proof: SignatureProof): Decision | Promise<Decision> {
    const { token, client, presentation } = selected;
    const { signer: key } = proof;
    if (key === undefined) {
      return this.refuse(proof.failure, client, proof.facts);
    }
    const { possession } = this.services;
    const decision =
      possession === undefined
        ? this.#accept(selected, key)
        : this.#settleBound(
            possession.check(confirmationOf(token.unverifiedClaims), client, presentation),
            client,
            key,
            () => this.#accept(selected, key),
          );
    return client.enrichment === undefined ? decision : this.#enrich(decision, client, presentation);
  }

  /** The step "bind", for a token that was accepted before. */
  bindSeen(selected: RecognizedToken): Decision | Promise<Decision> {
    const { seen, allowed, presentation } = selected;
    const bound = this.services.possession?.check(seen.confirmation, seen.client, presentation);
    const decision =
      bound === undefined
        ? this.#admitSeen(seen, allowed)
        : this.#settleBound(bound, seen.client, seen.key, () => this.#admitSeen(seen, allowed));
    return seen.client.enrichment === undefined ? decision : this.#enrich(decision, seen.client, presentation);
  }

  /** Adds what the application knows of the caller. */
  #enrich(
    decision: Decision | Promise<Decision>,
    client: Client,
    presentation: Presentation,
  ): Decision | Promise<Decision> {
    if (decision instanceof Promise) {
      return decision.then((settled) => this.#enrich(settled, client, presentation));
    }
    const { enrichments } = this.services;
    if (!decision.accepted || client.enrichment === undefined || enrichments === undefined) {
      return decision;
    }
    const enriched = enrichments.enrich(decision, client, client.enrichment, presentation);
    const settle = (result: AcceptedDecision | Failure): Decision =>
      'check' in result
        ? this.refuse(result, client, result.code === 'state_unavailable' ? { retryAfter: RETRY_AFTER } : undefined)
        : result;
    return enriched instanceof Promise ? enriched.then(settle) : settle(enriched);
  }

  #settleBound(
    bound: Possession | undefined | Promise<Possession>,
    client: Client,
    key: VerificationKey,
    accept: () => Decision,
  ): Decision | Promise<Decision> {
    if (bound instanceof Promise) {
      return bound.then((settled) => this.#settleBound(settled, client, key, accept));
    }
    if (bound?.failure !== undefined) {
      return this.refuse(bound.failure, client, { ...idOf(key), ...bound.facts });
    }
    const decision = accept();
    return decision.accepted && bound?.dpopNonce !== undefined ? { ...decision, dpopNonce: bound.dpopNonce } : decision;
  }

  /** Asks the application's own rules, makes the principal, and remembers a token that is accepted. */
  #accept(selected: ReadToken, key: VerificationKey): Decision {
    const { token, client, allowed, selection } = selected;
    const verdict = conclude(token, client, key, selection.audiences);
    if ('check' in verdict) {
      return this.refuse(verdict, client, idOf(key));
    }
    const revocable = this.services.revocations?.revocable(verdict.claims, client.name);
    const revoked = this.#checkRevoked(revocable, client, key);
    if (revoked !== undefined) {
      return revoked;
    }
    const properties = propertiesOf(verdict);
    const { reported } = verdict;
    const decision = this.#admit(client, allowed, key, OidcPrincipal.of(properties), reported);
    // Answers of issuers are remembered by themselves, for a shorter time.
    if (
      decision.accepted &&
      key !== INTROSPECTED &&
      this.services.introspections?.proverOfJwt(client.issuer) === undefined
    ) {
      const { candidates, audiences } = selection;
      const issuer = this.services.issuers.of(client.issuer);
      this.services.cache?.remember(
        seenTokenOf({ token, client, issuer, audiences, candidates, key, revocable, properties, reported }),
      );
    }
    return decision;
  }

  #admitSeen(seen: SeenToken, isAllowed: boolean): Decision {
    const { text, client, key, audiences, revocable, properties, reported } = seen;
    const revoked = this.#checkRevoked(revocable, client, key);
    if (revoked !== undefined) {
      return revoked;
    }
    if (properties !== undefined) {
      return this.#admit(client, isAllowed, key, OidcPrincipal.of(properties), reported);
    }
    // Functions of the application get their own copy of the claims, and decide each time.
    const token = parseToken(text, this.services.maxTokenBytes);
    const verdict = token && conclude(token, client, key, audiences);
    if (verdict === undefined || 'check' in verdict) {
      return this.refuse(verdict ?? { check: 'parse', code: 'malformed_token' }, client, idOf(key));
    }
    return this.#admit(client, isAllowed, key, createPrincipal(verdict), verdict.reported);
  }

  /** Refuses a token that was revoked, or all tokens while nobody knows which are. */
  #checkRevoked(
    revocable: RevocableToken | undefined,
    client: Client,
    key: VerificationKey,
  ): RefusedDecision | undefined {
    const revoked = revocable && this.services.revocations?.check(revocable);
    return revoked && this.refuse(revoked.failure, client, { ...idOf(key), ...revoked.facts });
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
      return this.refuse({ check: 'allowed_client', code: 'client_not_allowed' }, client, idOf(key));
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

  /** Refuses a token of a client. */
  refuse(failure: Failure, client: Client, known?: RefusedFacts): RefusedDecision {
    const facts = this.selector.factsOf(client);
    return refusedBecause(failure, known === undefined ? facts : { ...facts, ...known });
  }
}

/** Seconds until a caller whom the application could not look up may try again. */
const RETRY_AFTER = 1;

/** Stands for the key of a token that its issuer vouches for. It verifies nothing. */
export const INTROSPECTED: VerificationKey = importSecret(randomBytes(32));

function idOf(key: VerificationKey): RefusedFacts {
  return key.keyId === undefined ? {} : { keyId: key.keyId };
}

/** An object under construction. Spreading parts into one object takes several times as long. */
type Writable<T> = { -readonly [Member in keyof T]: T[Member] };
