import type { Client } from '../core/client/client';
import type { ClientIndex } from '../core/client/client-index';
import type { StrictnessRule } from '../core/checks/strictness';
import { checkToken, conclude } from '../core/checks/verification';
import type { Clock } from '../core/clock';
import {
  refusedBecause,
  type AcceptedDecision,
  type Decision,
  type RefusedDecision,
  type RefusedFacts,
} from '../core/decision/decision';
import type { Failure } from '../core/decision/failure';
import type { VerificationKey } from '../core/key/verification-key';
import { createPrincipal, OidcPrincipal, propertiesOf } from '../core/principal/oidc-principal';
import { confirmationOf } from '../core/proof/confirmation';
import { DirectPresentation, type Presentation } from '../core/token/presentation';
import { parseToken } from '../core/token/unverified-token';
import type { Issuers } from '../issuer/issuers';
import type { Possession } from './possession';
import type { ProofOfPossession } from './proof-of-possession';
import type { RevocableToken } from './revocation-index';
import type { Revocations } from './revocations';
import { seenTokenOf, type SeenToken } from './seen-token';
import { SignatureProver, type SignatureProof } from './signature-prover';
import {
  TokenSelector,
  type ReadToken,
  type RecognizedToken,
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

  constructor(
    private readonly clients: ClientIndex,
    private readonly issuers: Issuers,
    private readonly clock: Clock,
    private readonly maxTokenBytes: number,
    private readonly cache?: VerificationCache,
    private readonly possession?: ProofOfPossession,
    private readonly revocations?: Revocations,
  ) {
    this.#selector = new TokenSelector(clients, issuers, clock, maxTokenBytes, cache, revocations);
    this.#prover = new SignatureProver(issuers);
  }

  /**
   * A verifier with a stopped clock, and its time in seconds since the epoch. It has no cache, so it takes every step, and it
   * uses up no proof.
   */
  atThisMoment(): {
    readonly verifier: TokenVerifier;
    readonly now: number;
    readonly possession: ProofOfPossession | undefined;
  } {
    const now = this.clock.now();
    const clock: Clock = { now: () => now, monotonic: () => this.clock.monotonic() };
    const { clients, issuers, maxTokenBytes, revocations } = this;
    const possession = this.possession?.withoutReplay(clock);
    return {
      verifier: new TokenVerifier(clients, issuers, clock, maxTokenBytes, undefined, possession, revocations),
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
    return selected.client === undefined ? selected.decision : this.verify(selected, allowed);
  }

  /** Reads a token and selects its client, or refuses. Uses neither cryptography nor network. */
  select(presentation: Presentation, allowed?: ReadonlySet<string>): SelectedToken | UnselectedToken {
    return this.#selector.select(presentation, allowed);
  }

  /** Takes all steps after selection. Answers without a promise when the key is in hand. Never rejects. */
  verify(selected: SelectedToken, allowed?: ReadonlySet<string>): Decision | Promise<Decision> {
    if (selected.seen !== undefined) {
      return this.#bindSeen(selected);
    }
    return selected.selection.provisional ? this.#proveOnceIdentified(selected, allowed) : this.#prove(selected);
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
    return proof instanceof Promise
      ? proof.then((settled) => this.#conclude(selected, settled))
      : this.#conclude(selected, proof);
  }

  /** The step "bind", for a token that is proven. */
  #conclude(selected: ReadToken, proof: SignatureProof): Decision | Promise<Decision> {
    const { token, client, presentation } = selected;
    const { signer: key } = proof;
    if (key === undefined) {
      return this.#refuse(proof.failure, client, proof.facts);
    }
    if (this.possession === undefined) {
      return this.#accept(selected, key);
    }
    const bound = this.possession.check(confirmationOf(token.unverifiedClaims), client, presentation);
    return this.#settleBound(bound, client, key, () => this.#accept(selected, key));
  }

  #bindSeen(selected: RecognizedToken): Decision | Promise<Decision> {
    const { seen, allowed, presentation } = selected;
    const bound = this.possession?.check(seen.confirmation, seen.client, presentation);
    return bound === undefined
      ? this.#admitSeen(seen, allowed)
      : this.#settleBound(bound, seen.client, seen.key, () => this.#admitSeen(seen, allowed));
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
      return this.#refuse(bound.failure, client, { ...idOf(key), ...bound.facts });
    }
    const decision = accept();
    return decision.accepted && bound?.dpopNonce !== undefined ? { ...decision, dpopNonce: bound.dpopNonce } : decision;
  }

  /** Asks the application's own rules, makes the principal, and remembers a token that is accepted. */
  #accept(selected: ReadToken, key: VerificationKey): Decision {
    const { token, client, allowed, selection } = selected;
    const verdict = conclude(token, client, key, selection.audiences);
    if ('check' in verdict) {
      return this.#refuse(verdict, client, idOf(key));
    }
    const revocable = this.revocations?.revocable(verdict.claims, client.name);
    const revoked = this.#checkRevoked(revocable, client, key);
    if (revoked !== undefined) {
      return revoked;
    }
    const properties = propertiesOf(verdict);
    const { reported } = verdict;
    const decision = this.#admit(client, allowed, key, OidcPrincipal.of(properties), reported);
    if (decision.accepted) {
      const { candidates, audiences } = selection;
      const issuer = this.issuers.of(client.issuer);
      this.cache?.remember(
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
    const token = parseToken(text, this.maxTokenBytes);
    const verdict = token && conclude(token, client, key, audiences);
    if (verdict === undefined || 'check' in verdict) {
      return this.#refuse(verdict ?? { check: 'parse', code: 'malformed_token' }, client, idOf(key));
    }
    return this.#admit(client, isAllowed, key, createPrincipal(verdict), verdict.reported);
  }

  /** Refuses a token that was revoked, or all tokens while nobody knows which are. */
  #checkRevoked(
    revocable: RevocableToken | undefined,
    client: Client,
    key: VerificationKey,
  ): RefusedDecision | undefined {
    const revoked = revocable && this.revocations?.check(revocable);
    return revoked && this.#refuse(revoked.failure, client, { ...idOf(key), ...revoked.facts });
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

function idOf(key: VerificationKey): RefusedFacts {
  return key.keyId === undefined ? {} : { keyId: key.keyId };
}

/** An object under construction. Spreading parts into one object takes several times as long. */
type Writable<T> = { -readonly [Member in keyof T]: T[Member] };
