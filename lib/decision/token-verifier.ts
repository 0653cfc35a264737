import { isRetired, type Client } from '../core/client/client';
import type { ClientIndex } from '../core/client/client-index';
import { selectClient, type Selection } from '../core/client/select-client';
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
import { createPrincipal, propertiesOf } from '../core/principal/create-principal';
import { OidcPrincipal } from '../core/principal/oidc-principal';
import { DirectPresentation, type Presentation } from '../core/token/presentation';
import { parseToken, type UnverifiedToken } from '../core/token/unverified-token';
import type { Issuers } from '../issuer/issuers';
import { chooseAgain, seenTokenOf, type SeenToken } from './seen-token';
import { SignatureProver, type SignatureProof } from './signature-prover';
import { stillStands } from './standing-checks';
import type { VerificationCache } from './verification-cache';

/** A token for which a client was found by what it says. */
interface ReadToken {
  readonly client: Client;
  /** False where the route is for other clients only. */
  readonly allowed: boolean;
  readonly selection: Extract<Selection, { readonly client: Client }>;
  readonly presentation: Presentation;
  readonly token: UnverifiedToken;
  readonly seen?: undefined;
}

/** A token that was accepted before, and still stands. */
interface RecognizedToken {
  readonly client: Client;
  /** False where the route is for other clients only. */
  readonly allowed: boolean;
  readonly presentation: Presentation;
  /** What is remembered of it. */
  readonly seen: SeenToken;
}

/** A token for which a client was found. */
export type SelectedToken = ReadToken | RecognizedToken;

/** A token for which there is no client: the decision, and the clients that it is addressed to all the same. */
export interface UnselectedToken {
  readonly client?: undefined;
  readonly decision: RefusedDecision;
  readonly addressed: readonly Client[];
  /** What was read of the token; absent where it is malformed, or where there is none. */
  readonly token?: UnverifiedToken;
  readonly selection?: Selection;
}

/** One for all: garbage must cost nothing. */
const MALFORMED: UnselectedToken = {
  decision: Object.freeze(refusedBecause({ check: 'parse', code: 'malformed_token' })),
  addressed: [],
};

/**
 * The way of a token through the core, and where the network comes in. The steps: read, select, prove, standing checks,
 * admit. The first check that fails decides the code. Guards, strategies and `OidcAuthService` all come here.
 *
 * @internal
 */
export class TokenVerifier {
  readonly #prover: SignatureProver;

  constructor(
    private readonly clients: ClientIndex,
    private readonly issuers: Issuers,
    private readonly clock: Clock,
    private readonly maxTokenBytes: number,
    private readonly cache?: VerificationCache,
  ) {
    this.#prover = new SignatureProver(issuers);
  }

  /**
   * The same verifier with a clock that stands still, and its time in seconds since the epoch. It remembers nothing, so that
   * every step is taken.
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
    return selected.client === undefined ? selected.decision : this.verify(selected, allowed);
  }

  /**
   * Reads a token and selects its client, or refuses. Uses neither cryptography nor network. A token that was accepted before
   * and still stands is not read again.
   */
  select(presentation: Presentation, allowed?: ReadonlySet<string>): SelectedToken | UnselectedToken {
    const seen = this.cache?.find(presentation.token);
    if (seen !== undefined) {
      const isAllowed = chooseAgain(seen, allowed);
      if (isAllowed !== undefined && stillStands(seen, this.clock.now())) {
        return { client: seen.client, allowed: isAllowed, presentation, seen };
      }
      this.cache?.forget(presentation.token);
    }
    return this.#read(presentation, allowed);
  }

  /** Takes all steps after selection. Answers without a promise when the key is in hand. Never rejects. */
  verify(selected: SelectedToken, allowed?: ReadonlySet<string>): Decision | Promise<Decision> {
    if (selected.seen !== undefined) {
      return this.#admitSeen(selected.seen, selected.allowed);
    }
    return selected.selection.provisional ? this.#proveOnceIdentified(selected, allowed) : this.#prove(selected);
  }

  #read(presentation: Presentation, allowed?: ReadonlySet<string>): ReadToken | UnselectedToken {
    const token = parseToken(presentation.token, this.maxTokenBytes);
    return token === undefined ? MALFORMED : this.#select(presentation, token, allowed);
  }

  #select(
    presentation: Presentation,
    token: UnverifiedToken,
    allowed?: ReadonlySet<string>,
  ): ReadToken | UnselectedToken {
    const selection = selectClient(this.clients, token, (issuer) => this.issuers.of(issuer).identifier, allowed);
    const { client, addressed } = selection;
    if (client === undefined) {
      return { decision: this.#refuseUnselected(selection), addressed, token, selection };
    }
    if (isRetired(client, this.clock.now())) {
      const { sunset, message } = client.deprecation ?? {};
      const failure: Failure = { check: 'retired', code: 'client_retired', expected: sunset };
      return {
        decision: this.#refuse(failure, client, message === undefined ? {} : { message }),
        addressed,
        token,
        selection,
      };
    }
    return { client, allowed: selection.allowed, selection, presentation, token };
  }

  #refuseUnselected({ code, addressed, issuer }: Extract<Selection, { readonly client?: undefined }>): RefusedDecision {
    // Where one client is addressed and the party is not among its own, it is known which client refuses.
    const [client] = addressed.length === 1 ? addressed : [];
    return refusedBecause(
      { check: 'client', code },
      {
        ...(client && { client: client.name }),
        ...(issuer && { issuer: this.issuers.of(issuer).label }),
      },
    );
  }

  /** Waits until the issuer has said who it is, and selects again: one of the two forms of `iss` is now unknown. */
  async #proveOnceIdentified(
    { presentation, token, client }: ReadToken,
    allowed?: ReadonlySet<string>,
  ): Promise<Decision> {
    const unavailable = await this.issuers.of(client.issuer).awaitIdentifier();
    if (unavailable?.kind === 'unavailable') {
      const { retryAfter } = unavailable;
      return this.#refuse({ check: 'client', code: 'keys_unavailable', claim: 'iss' }, client, { retryAfter });
    }
    const selected = this.#select(presentation, token, allowed);
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

  /** The application's own rules, the principal, and what is remembered of an accepted token. */
  #conclude(selected: ReadToken, proof: SignatureProof): Decision {
    const { token, client, allowed, selection } = selected;
    const { signer: key } = proof;
    if (key === undefined) {
      const { failure, retryAfter, keyId } = proof;
      return this.#refuse(failure, client, {
        ...(retryAfter !== undefined && { retryAfter }),
        ...(keyId !== undefined && { keyId }),
      });
    }
    const verdict = conclude(token, client, key, selection.audiences);
    if ('check' in verdict) {
      return this.#refuse(verdict, client, idOf(key));
    }
    const properties = propertiesOf(verdict);
    const { reported } = verdict;
    const decision = this.#admit(client, allowed, key, OidcPrincipal.of(properties), reported);
    if (decision.accepted) {
      const { candidates, audiences } = selection;
      const { keyId, algorithm } = token;
      const issuer = this.issuers.of(client.issuer);
      this.cache?.remember(
        seenTokenOf({ token, client, issuer, audiences, candidates, key, keyId, algorithm, properties, reported }),
      );
    }
    return decision;
  }

  #admitSeen({ text, client, key, audiences, properties, reported }: SeenToken, isAllowed: boolean): Decision {
    if (properties !== undefined) {
      return this.#admit(client, isAllowed, key, OidcPrincipal.of(properties), reported);
    }
    // Functions of the application get claims of their own, which they may change, and have the last word each time.
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
    return refusedBecause(failure, { client: client.name, issuer: this.issuers.of(client.issuer).label, ...known });
  }
}

function idOf(key: VerificationKey): RefusedFacts {
  return key.keyId === undefined ? {} : { keyId: key.keyId };
}

/** What is under construction. Spreading parts into one object would take several times as long. */
type Writable<T> = { -readonly [Member in keyof T]: T[Member] };
