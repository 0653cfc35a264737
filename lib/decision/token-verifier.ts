import type { Client } from '../client/client';
import type { ClientIndex } from '../client/client-index';
import { selectClient, type Selection } from '../client/select-client';
import type { Clock } from '../clock';
import type { Issuers } from '../issuer/issuers';
import type { KeyAnswer } from '../issuer/issuer';
import { verifySignature } from '../key/signature';
import type { VerificationKey } from '../key/verification-key';
import { createPrincipal } from '../principal/create-principal';
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
      return { ...selection, token };
    }
    const { code, addressed } = selection;
    // Where one client is addressed and the party is not among its own, it is known which client refuses.
    return { decision: refused(code, addressed.length === 1 ? addressed[0]?.name : undefined), addressed };
  }

  /** Waits until the issuer has said who it is, and chooses again: one of the two forms of `iss` is now unknown. */
  async #verifyOnceIdentified({ token, client }: SelectedToken, allowed?: ReadonlySet<string>): Promise<Decision> {
    const unavailable = await this.issuers.of(client.issuer).awaitIdentifier();
    if (unavailable?.kind === 'unavailable') {
      return refused('keys_unavailable', client.name, unavailable.retryAfter);
    }
    const selected = this.#select(token, allowed);
    return selected.client === undefined ? selected.decision : this.#verify(selected);
  }

  #verify(selected: SelectedToken): Decision | Promise<Decision> {
    const { token, client } = selected;
    const fault = checkToken(token, client, this.clock.now());
    if (fault !== undefined) {
      return refused(fault, client.name);
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
        return refused('unknown_key', client.name);
      case 'unavailable':
        return refused('keys_unavailable', client.name, answer.retryAfter);
      case 'keys': {
        if (isSignedBy(token, answer.keys)) {
          return this.#finish(selected, true);
        }
        const replacement =
          client.secret === undefined
            ? this.issuers.of(client.issuer).findReplacement(token.keyId, algorithmOf(token), answer.keys)
            : undefined;
        return replacement === undefined
          ? this.#finish(selected, false)
          : replacement.then((keys) => this.#finish(selected, keys !== undefined && isSignedBy(token, keys)));
      }
    }
  }

  #finish({ token, client, allowed }: SelectedToken, signatureIsValid: boolean): Decision {
    const verdict = conclude(token, client, signatureIsValid);
    if (typeof verdict === 'string') {
      return refused(verdict, client.name);
    }
    return allowed
      ? { accepted: true, principal: createPrincipal(verdict) }
      : refused('client_not_allowed', client.name);
  }
}

/** Whether one of these keys signed a token. */
function isSignedBy(token: UnverifiedToken, keys: readonly VerificationKey[]): boolean {
  const algorithm = algorithmOf(token);
  return keys.some((key) => verifySignature(algorithm, key, token.signingInput, token.signature));
}
