import { isRetired, type Client } from '../core/client/client';
import type { ClientIndex } from '../core/client/client-index';
import { selectClient, type Selection } from '../core/client/select-client';
import type { Clock } from '../core/clock';
import type { Issuers } from '../issuer/issuers';
import type { KeyAnswer } from '../issuer/issuer';
import { verifySignature } from '../core/key/signature';
import type { VerificationKey } from '../core/key/verification-key';
import { OidcPrincipal } from '../core/principal/oidc-principal';
import { createPrincipal, propertiesOf } from '../core/principal/create-principal';
import type { RefusalCode } from '../core/refusal/refusal-code';
import { parseToken, type UnverifiedToken } from '../core/token/unverified-token';
import type { StrictnessRule } from '../core/checks/strictness';
import { checkToken, conclude } from '../core/checks/verification';
import { refused, type AcceptedDecision, type Decision, type RefusedDecision } from '../core/decision/decision';
import { isSeenAllowed, isStillValid, seenTokenOf, type SeenToken } from './seen-token';
import type { VerificationCache } from './verification-cache';

/** A token for which a client was found by what it says. */
interface ReadToken {
  readonly client: Client;
  /** False where the route is for other clients only. */
  readonly allowed: boolean;
  readonly selection: Extract<Selection, { readonly client: Client }>;
  readonly text: string;
  readonly token: UnverifiedToken;
  readonly seen?: undefined;
}

/** A token that was accepted before. */
interface RecognizedToken {
  readonly client: Client;
  /** False where the route is for other clients only. */
  readonly allowed: boolean;
  /** What is known of it. */
  readonly seen: SeenToken;
  /** When it was selected, in seconds since the epoch. */
  readonly now: number;
}

/** A token for which a client was found. */
export type SelectedToken = ReadToken | RecognizedToken;

/** A token for which there is none: the decision, and the clients that it is addressed to all the same. */
export interface UnselectedToken {
  readonly client?: undefined;
  readonly decision: RefusedDecision;
  readonly addressed: readonly Client[];
}

/**
 * The way of a token through the core, and where the network comes in: parse, client, checks, key, signature,
 * principal. The first failing step decides the code. Guards, strategies and `OidcAuthService` all come here.
 *
 * @internal
 */
export class TokenVerifier {
  constructor(
    private readonly clients: ClientIndex,
    private readonly issuers: Issuers,
    private readonly clock: Clock,
    private readonly maxTokenBytes: number,
    private readonly cache?: VerificationCache,
  ) {}

  /**
   * The same verifier as of this moment, and that moment in seconds since the epoch: for it no time goes by. It looks at
   * everything anew.
   */
  snapshot(): { readonly verifier: TokenVerifier; readonly now: number } {
    const now = this.clock.now();
    const clock: Clock = { now: () => now, monotonic: () => this.clock.monotonic() };
    return { verifier: new TokenVerifier(this.clients, this.issuers, clock, this.maxTokenBytes), now };
  }

  /** Every step for a token from anywhere. Answers without a promise when the key is in hand. Never rejects. */
  decide(token: string, allowed?: ReadonlySet<string>): Decision | Promise<Decision> {
    const selected = this.select(token, allowed);
    return selected.client === undefined ? selected.decision : this.verify(selected, allowed);
  }

  /** The first two steps: parses the token and chooses its client, or refuses. Neither cryptography nor network. */
  select(token: string, allowed?: ReadonlySet<string>): SelectedToken | UnselectedToken {
    const seen = this.cache?.find(token);
    if (seen !== undefined) {
      const now = this.clock.now();
      const isAllowed = isSeenAllowed(seen, allowed, now);
      if (isAllowed !== undefined) {
        return { client: seen.client, allowed: isAllowed, seen, now };
      }
    }
    return this.#read(token, allowed);
  }

  /** All other steps. Answers without a promise when the key is in hand. Never rejects. */
  verify(selected: SelectedToken, allowed?: ReadonlySet<string>): Decision | Promise<Decision> {
    if (selected.seen !== undefined) {
      return this.#verifySeen(selected) ?? this.#verifyAnew(selected.seen, allowed);
    }
    return selected.selection.provisional ? this.#verifyOnceIdentified(selected, allowed) : this.#verify(selected);
  }

  /** The steps that cannot be left out for a token that was accepted before; undefined where it needs every step. */
  #verifySeen({ seen, allowed: isAllowed, now }: RecognizedToken): Decision | undefined {
    if (!isStillValid(seen, now)) {
      return undefined;
    }
    const { client, key, properties, reported } = seen;
    if (properties !== undefined) {
      return this.#admit(client, isAllowed, key, OidcPrincipal.of(properties), reported);
    }
    // Functions of the application get claims of their own, which they may change, and have the last word each time.
    const token = parseToken(seen.text, this.maxTokenBytes);
    const verdict = token && conclude(token, client, true);
    return typeof verdict === 'object'
      ? this.#admit(client, isAllowed, key, createPrincipal(verdict), verdict.reported)
      : verdict && this.#refuse(verdict, client, idOf(key));
  }

  #verifyAnew({ text }: SeenToken, allowed?: ReadonlySet<string>): Decision | Promise<Decision> {
    this.cache?.forget(text);
    const selected = this.#read(text, allowed);
    return selected.client === undefined ? selected.decision : this.verify(selected, allowed);
  }

  #read(text: string, allowed?: ReadonlySet<string>): ReadToken | UnselectedToken {
    const token = parseToken(text, this.maxTokenBytes);
    return token === undefined
      ? { decision: refused('malformed_token'), addressed: [] }
      : this.#select(text, token, allowed);
  }

  #select(text: string, token: UnverifiedToken, allowed?: ReadonlySet<string>): ReadToken | UnselectedToken {
    const selection = selectClient(this.clients, token, (issuer) => this.issuers.of(issuer).identifier, allowed);
    if (selection.client !== undefined) {
      const { client } = selection;
      return isRetired(client, this.clock.now())
        ? { decision: this.#refuse('client_retired', client, messageOf(client)), addressed: selection.addressed }
        : { client, allowed: selection.allowed, selection, text, token };
    }
    const { code, addressed, issuer } = selection;
    // Where one client is addressed and the party is not among its own, it is known which client refuses.
    const [client] = addressed.length === 1 ? addressed : [];
    return {
      decision: refused(code, {
        ...(client && { client: client.name }),
        ...(issuer && { issuer: this.issuers.of(issuer).label }),
      }),
      addressed,
    };
  }

  /** Waits until the issuer has said who it is, and chooses again: one of the two forms of `iss` is now unknown. */
  async #verifyOnceIdentified({ text, token, client }: ReadToken, allowed?: ReadonlySet<string>): Promise<Decision> {
    const unavailable = await this.issuers.of(client.issuer).awaitIdentifier();
    if (unavailable?.kind === 'unavailable') {
      return this.#refuse('keys_unavailable', client, { retryAfter: unavailable.retryAfter });
    }
    const selected = this.#select(text, token, allowed);
    return selected.client === undefined ? selected.decision : this.#verify(selected);
  }

  #verify(selected: ReadToken): Decision | Promise<Decision> {
    const { token, client } = selected;
    const fault = checkToken(token, client, this.clock.now());
    if (fault !== undefined) {
      return this.#refuse(fault, client);
    }
    const answer = this.#findKeys(token, client);
    return answer instanceof Promise
      ? answer.then((keys) => this.#conclude(selected, keys))
      : this.#conclude(selected, answer);
  }

  #findKeys(token: UnverifiedToken, client: Client): KeyAnswer | Promise<KeyAnswer> {
    return client.secret === undefined
      ? this.issuers.of(client.issuer).findKeys(token.keyId, token.algorithm)
      : { kind: 'keys', keys: [client.secret] };
  }

  #conclude(selected: ReadToken, answer: KeyAnswer): Decision | Promise<Decision> {
    const { token, client } = selected;
    switch (answer.kind) {
      case 'unknown':
        return this.#refuse('unknown_key', client);
      case 'unavailable':
        return this.#refuse('keys_unavailable', client, { retryAfter: answer.retryAfter });
      case 'keys': {
        const { keys } = answer;
        const signer = signerOf(token, keys);
        const replacement =
          signer === undefined && client.secret === undefined
            ? this.issuers.of(client.issuer).findReplacement(token.keyId, token.algorithm, keys)
            : undefined;
        return replacement === undefined
          ? this.#finish(selected, keys, signer)
          : replacement.then((found) => this.#finish(selected, found ?? keys, found && signerOf(token, found)));
      }
    }
  }

  /** @param keys those of the issuer's that may have signed the token, and among them the one that did, if any. */
  #finish(selected: ReadToken, keys: readonly VerificationKey[], signer: VerificationKey | undefined): Decision {
    const { token, client, allowed } = selected;
    const verdict = conclude(token, client, signer !== undefined);
    if (typeof verdict === 'string' || signer === undefined) {
      return this.#refuse(typeof verdict === 'string' ? verdict : 'invalid_signature', client, idOf(signer ?? keys[0]));
    }
    const properties = propertiesOf(verdict);
    const decision = this.#admit(client, allowed, signer, OidcPrincipal.of(properties), verdict.reported);
    if (decision.accepted) {
      const { candidates } = selected.selection;
      const { reported } = verdict;
      const issuer = this.issuers.of(client.issuer);
      this.cache?.remember(seenTokenOf({ token, client, candidates, issuer, key: signer, properties, reported }));
    }
    return decision;
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
      return this.#refuse('client_not_allowed', client, idOf(key));
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

  #refuse(code: RefusalCode, client: Client, known: Parameters<typeof refused>[1] = {}): RefusedDecision {
    return refused(code, { client: client.name, issuer: this.issuers.of(client.issuer).label, ...known });
  }
}

/** The key that signed a token, if one of these did. */
function signerOf(token: UnverifiedToken, keys: readonly VerificationKey[]): VerificationKey | undefined {
  const algorithm = token.algorithm;
  return keys.find((key) => verifySignature(algorithm, key, token.signingInput, token.signature));
}

function idOf(key: VerificationKey | undefined): { readonly keyId?: string } {
  return key?.keyId === undefined ? {} : { keyId: key.keyId };
}

/** What is under construction. Spreading parts into one object would take several times as long. */
type Writable<T> = { -readonly [Member in keyof T]: T[Member] };

function messageOf({ deprecation }: Client): { readonly message?: string } {
  return deprecation?.message === undefined ? {} : { message: deprecation.message };
}
