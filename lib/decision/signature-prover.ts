import { secretFor, type Client } from '../core/client/client';
import type { RefusedFacts } from '../core/decision/decision';
import type { Failure } from '../core/decision/failure';
import { verifySignature } from '../core/key/signature';
import type { VerificationKey } from '../core/key/verification-key';
import type { UnverifiedToken } from '../core/token/unverified-token';
import type { KeyAnswer } from '../issuer/issuer';
import type { Issuers } from '../issuer/issuers';

/**
 * What came of the step "prove": the key that signed the token, or why it is not proven.
 *
 * @internal
 */
export type SignatureProof =
  | { readonly signer: VerificationKey }
  | {
      readonly signer?: undefined;
      readonly failure: Failure;
      /** When the next attempt makes sense, or the id of the key that did not verify the signature. */
      readonly facts?: RefusedFacts;
    };

/**
 * What of a client says which keys may have signed its tokens.
 *
 * @internal
 */
export type KeyOwner = Pick<Client, 'issuer' | 'secret' | 'usesKeySet'>;

/**
 * Proves tokens by their signature, under the keys of their client.
 *
 * @internal
 */
export class SignatureProver {
  constructor(private readonly issuers: Issuers) {}

  /** Answers without a promise when the key is in hand. Never rejects. */
  prove(token: UnverifiedToken, client: KeyOwner): SignatureProof | Promise<SignatureProof> {
    const secret = secretFor(client, token.algorithm);
    if (secret !== undefined) {
      return signerOf(token, [secret]) === undefined ? invalid([secret]) : { signer: secret };
    }
    const answer = this.issuers.of(client.issuer).findKeys(token);
    return answer instanceof Promise
      ? answer.then((keys) => this.#judge(token, client, keys))
      : this.#judge(token, client, answer);
  }

  #judge(token: UnverifiedToken, client: KeyOwner, answer: KeyAnswer): SignatureProof | Promise<SignatureProof> {
    switch (answer.kind) {
      case 'unknown':
        return { failure: { check: 'key', code: 'unknown_key', claim: 'kid', actual: token.keyId } };
      case 'unavailable':
        return { failure: { check: 'key', code: 'keys_unavailable' }, facts: { retryAfter: answer.retryAfter } };
      case 'keys':
        return this.#verify(token, client, answer.keys);
    }
  }

  #verify(
    token: UnverifiedToken,
    client: KeyOwner,
    keys: readonly VerificationKey[],
  ): SignatureProof | Promise<SignatureProof> {
    const signer = signerOf(token, keys);
    if (signer !== undefined) {
      return { signer };
    }
    // The provider may have put another key under the same id.
    const replacement = this.issuers.of(client.issuer).findReplacement(token, keys);
    return replacement === undefined
      ? invalid(keys)
      : replacement.then((found = keys) => {
          const replaced = found === keys ? undefined : signerOf(token, found);
          return replaced === undefined ? invalid(found) : { signer: replaced };
        });
  }
}

/** The key that signed a token, if one of these did. */
function signerOf(token: UnverifiedToken, keys: readonly VerificationKey[]): VerificationKey | undefined {
  const { algorithm, signingInput, signature } = token;
  return keys.find((key) => verifySignature(algorithm, key, signingInput, signature));
}

function invalid(keys: readonly VerificationKey[]): SignatureProof {
  const keyId = keys[0]?.keyId;
  const failure: Failure = { check: 'signature', code: 'invalid_signature' };
  return keyId === undefined ? { failure } : { failure, facts: { keyId } };
}
