import { isRetired, type Client } from '../client/client';
import type { ClientIndex } from '../client/client-index';
import { selectClient, type Selection } from '../client/select-client';
import type { Clock } from '../clock';
import type { Issuers } from '../issuer/issuers';
import type { KeyAnswer } from '../issuer/issuer';
import { verifySignature } from '../key/signature';
import type { VerificationKey } from '../key/verification-key';
import { createPrincipal } from '../principal/create-principal';
import type { RefusalCode } from '../refusal/refusal-code';
import { parseToken, type UnverifiedToken } from '../token/unverified-token';
import { algorithmOf, checkToken, conclude } from '../verification/verification';
import { refused, type Decision, type RefusedDecision } from './decision';

/** A token for which a client was found. */
export type SelectedToken = Extract<Selection, { readonly client: Client }> & { readonly token: UnverifiedToken };

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
  ) {}

  /** The same verifier as of this moment, and that moment in seconds since the epoch: for it no time goes by. */
  asOfNow(): { readonly verifier: TokenVerifier; readonly now: number } {
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
    const parsed = parseToken(token, this.maxTokenBytes);
    return parsed === undefined
      ? { decision: refused('malformed_token'), addressed: [] }
      : this.#select(parsed, allowed);
  }

  /** All other steps. Answers without a promise when the key is in hand. Never rejects. */
  verify(selected: SelectedToken, allowed?: ReadonlySet<string>): Decision | Promise<Decision> {
    return selected.provisional ? this.#verifyOnceIdentified(selected, allowed) : this.#verify(selected);
  }

  #select(token: UnverifiedToken, allowed?: ReadonlySet<string>): SelectedToken | UnselectedToken {
    const selection = selectClient(this.clients, token, (issuer) => this.issuers.of(issuer).identifier, allowed);
    if (selection.client !== undefined) {
      const { client } = selection;
      return isRetired(client, this.clock.now())
        ? { decision: this.#refuse('client_retired', client, messageOf(client)), addressed: selection.addressed }
        : { ...selection, token };
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
  async #verifyOnceIdentified({ token, client }: SelectedToken, allowed?: ReadonlySet<string>): Promise<Decision> {
    const unavailable = await this.issuers.of(client.issuer).awaitIdentifier();
    if (unavailable?.kind === 'unavailable') {
      return this.#refuse('keys_unavailable', client, { retryAfter: unavailable.retryAfter });
    }
    const selected = this.#select(token, allowed);
    return selected.client === undefined ? selected.decision : this.#verify(selected);
  }

  #verify(selected: SelectedToken): Decision | Promise<Decision> {
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
      ? this.issuers.of(client.issuer).findKeys(token.keyId, algorithmOf(token))
      : { kind: 'keys', keys: [client.secret] };
  }

  #conclude(selected: SelectedToken, answer: KeyAnswer): Decision | Promise<Decision> {
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
            ? this.issuers.of(client.issuer).findReplacement(token.keyId, algorithmOf(token), keys)
            : undefined;
        return replacement === undefined
          ? this.#finish(selected, keys, signer)
          : replacement.then((found) => this.#finish(selected, found ?? keys, found && signerOf(token, found)));
      }
    }
  }

  /** @param keys those of the issuer's that may have signed the token, and among them the one that did, if any. */
  #finish(
    { token, client, allowed }: SelectedToken,
    keys: readonly VerificationKey[],
    signer: VerificationKey | undefined,
  ): Decision {
    const keyId = (signer ?? keys[0])?.keyId;
    const known = keyId === undefined ? {} : { keyId };
    const verdict = conclude(token, client, signer !== undefined);
    if (typeof verdict === 'string') {
      return this.#refuse(verdict, client, known);
    }
    if (!allowed) {
      return this.#refuse('client_not_allowed', client, known);
    }
    const { reported } = verdict;
    return {
      accepted: true,
      principal: createPrincipal(verdict),
      ...known,
      ...(reported.length === 0 ? {} : { reported }),
    };
  }

  #refuse(code: RefusalCode, client: Client, known: Parameters<typeof refused>[1] = {}): RefusedDecision {
    return refused(code, { client: client.name, issuer: this.issuers.of(client.issuer).label, ...known });
  }
}

/** The key that signed a token, if one of these did. */
function signerOf(token: UnverifiedToken, keys: readonly VerificationKey[]): VerificationKey | undefined {
  const algorithm = algorithmOf(token);
  return keys.find((key) => verifySignature(algorithm, key, token.signingInput, token.signature));
}

function messageOf({ deprecation }: Client): { readonly message?: string } {
  return deprecation?.message === undefined ? {} : { message: deprecation.message };
}
