import { MOST_TRIED } from '../core/key/key-set';
import { secretFor, type Client } from '../core/client/client';
import { ALGORITHMS } from '../core/key/algorithm';
import type { VerificationKey } from '../core/key/verification-key';
import { own } from '../core/token/json-object';
import type { UnverifiedToken } from '../core/token/unverified-token';
import type { ExplanationHint } from './explanation';
import type { Inquiry } from './inquiry';
import { namesOf } from './key-steps';
import { durationOf, shown } from './wording';

/** Why the issuer has no key for a token, or its keys cannot be had. */
export function keyHints(token: UnverifiedToken, client: Client, { issuers, now, stop }: Inquiry): ExplanationHint[] {
  const issuer = issuers.of(client.issuer);
  const { keyAge = 0, lastError } = issuer.health;
  if (stop?.code === 'keys_unavailable') {
    return [
      {
        code: 'issuer_unreachable',
        text: `the keys of issuer ${issuer.label} cannot be had: ${lastError ?? 'it was not asked again so soon'}. The token may be good`,
      },
    ];
  }
  const keys = issuer.keys?.keys ?? [];
  const algorithm = token.algorithm;
  const fitting = keys.filter((key) => key.algorithms.has(algorithm));
  if (token.keyId === undefined) {
    return [
      {
        code: 'key_id_missing',
        text: `the token names no key (kid), and ${fitting.length} keys of the issuer are for ${algorithm}: up to ${MOST_TRIED} are tried. Have the provider write kid`,
      },
    ];
  }
  const issued = own(token.unverifiedClaims, 'iat');
  const isOlder = typeof issued === 'number' && issued < now - keyAge;
  const isNamed = keys.some(({ keyId }) => keyId === token.keyId);
  const reason = isNamed
    ? `key ${shown(token.keyId)} is not for ${algorithm}`
    : `the issuer has ${namesOf(keys)}, and not ${shown(token.keyId)}`;
  const age = isOlder
    ? `The token was issued ${durationOf(now - issued)} ago, before that set was fetched: the key was rotated since. Get a fresh token`
    : 'The token is younger than that set: it comes from another realm or environment, or the provider publishes a new key late';
  return [{ code: 'key_rotated', text: `${reason}. ${age}` }];
}

/** Why a signature may be invalid though the key is known. */
export function signatureHints(
  token: UnverifiedToken,
  client: Client,
  { issuers, decision }: Inquiry,
): ExplanationHint[] {
  if (secretFor(client, token.algorithm) !== undefined) {
    return [
      {
        code: 'signature_altered',
        text: `the secret of client ${shown(client.name)} is another than the provider's, or the token was changed`,
      },
    ];
  }
  const algorithm = token.algorithm;
  const key = issuers.of(client.issuer).keys?.keys.find(({ keyId }) => keyId === decision.keyId);
  const expected = key && signatureBytes(algorithm, key);
  if (expected !== undefined && token.signature.length < expected) {
    return [
      {
        code: 'truncated_token',
        text: `its signature has ${token.signature.length} bytes, and those of that key have ${expected}: the end is missing; copy all of it`,
      },
    ];
  }
  return [
    {
      code: 'signature_altered',
      text:
        'the key is known, so the token was changed after it was issued (edited, re-encoded, or cut and pasted together), ' +
        'or another provider uses the same key id. Send it as it was issued',
    },
  ];
}

function signatureBytes(algorithm: string, { keyObject }: VerificationKey): number | undefined {
  const definition = ALGORITHMS.get(algorithm);
  if (definition?.family === 'ECDSA' || definition?.family === 'EdDSA') {
    return definition.signatureBytes;
  }
  const bits = keyObject.asymmetricKeyDetails?.modulusLength;
  return bits === undefined ? undefined : Math.ceil(bits / 8);
}
