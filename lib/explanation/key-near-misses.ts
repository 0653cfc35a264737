import type { Client } from '../core/client/client';
import { ALGORITHMS } from '../core/key/algorithm';
import type { VerificationKey } from '../core/key/verification-key';
import type { Issuer } from '../issuer/issuer';
import { own } from '../core/token/json-object';
import type { UnverifiedToken } from '../core/token/unverified-token';
import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import type { Inquiry } from './inquiry';
import { namesOf } from './key-steps';
import { graphHints } from './microsoft-near-misses';
import { unknownKeyHints } from './unknown-key';
import { shown } from './wording';

/** What Google puts instead of the signature of a token that one of its services has verified. */
const REMOVED_BY_GOOGLE = 'SIGNATURE_REMOVED_BY_GOOGLE';

/** Possible causes where the issuer has no key for a token, or its keys cannot be had. */
export function keyHints(token: UnverifiedToken, client: Client, { issuers, now, stop }: Inquiry): ExplanationHint[] {
  const issuer = issuers.of(client.issuer);
  if (stop?.code === 'keys_unavailable') {
    return [unavailableHint(issuer, own(token.unverifiedClaims, 'iss'))];
  }
  const removed = removedHints(token);
  if (removed.length > 0) {
    return removed;
  }
  const keys = issuer.keys?.keys ?? [];
  const { algorithm, keyId } = token;
  const fitting = keys.filter((key) => key.algorithms.has(algorithm));
  if (keyId === undefined) {
    return [
      hint(
        'key_id_missing',
        `the token has no kid, and ${fitting.length} keys of the issuer are for ${algorithm}: which of them signed it cannot be told`,
        fitting.length === 0
          ? `have the issuer sign with an algorithm of its keys, which are ${namesOf(keys)}`
          : 'have the provider write kid',
      ),
    ];
  }
  if (keys.some((key) => key.keyId === keyId)) {
    return [
      hint(
        'key_for_other_algorithm',
        `key ${shown(keyId)} is in the issuer's set, and is not for ${algorithm}; the set has ${namesOf(keys)}`,
        'have the provider sign with the algorithm of that key, or publish the key for this one',
      ),
    ];
  }
  return unknownKeyHints(keyId, token, { issuer, client, keys, fitting, now });
}

function unavailableHint(issuer: Issuer, iss: unknown): ExplanationHint {
  const { notes, health, label } = issuer;
  const evidence = `the keys of issuer ${label} cannot be had: ${health.lastError ?? 'it was not asked again so soon'}`;
  const { document } = notes;
  if (notes.failure === 'wrong_issuer' && document !== undefined) {
    return hint(
      'document_issuer',
      evidence,
      `if that is the right document, and the provider names itself otherwise there, give the client issuer: ${shown(iss)}, discoveryUrl: ` +
        `${shown(document.url)} and discoveryIssuer: ${shown(document.issuer)}. If it is not, give discoveryUrl of the right one`,
    );
  }
  return notes.failure === 'unauthorized'
    ? hint(
        'issuer_credentials',
        `${evidence}. 401 and 403 mean that it wants credentials or permission`,
        'let this API read document and keys without credentials (in Kubernetes: the role system:service-account-issuer-discovery), ' +
          'or give the client its keys by jwks or publicKey, or add credentials by a dispatcher. Nothing is known of the token itself',
      )
    : hint('issuer_unreachable', evidence, 'the command doctor tells more. Nothing is known of the token itself');
}

/** Possible causes where a signature is invalid though the key is known. */
export function signatureHints(
  token: UnverifiedToken,
  client: Client,
  { issuers, decision }: Inquiry,
): ExplanationHint[] {
  const removed = removedHints(token);
  if (removed.length > 0) {
    return removed;
  }
  if (client.secret !== undefined) {
    return [
      hint(
        'signature_altered',
        `the signature is not that of these bytes under the secret of client ${shown(client.name)}`,
        "either the provider's secret is another one, or is written otherwise (base64), or the token was changed: compare both",
      ),
    ];
  }
  const { algorithm, signature, unverifiedHeader: header, unverifiedClaims: claims } = token;
  const key = issuers.of(client.issuer).keys?.keys.find(({ keyId }) => keyId === decision.keyId);
  const expected = key && signatureBytes(algorithm, key);
  if (expected !== undefined && signature.length < expected) {
    return [
      hint(
        'truncated_token',
        `its signature has ${signature.length} bytes, and those of that key have ${expected}: its end is missing`,
        'copy all of it',
      ),
    ];
  }
  const which = decision.keyId === undefined ? 'the key' : `key ${shown(decision.keyId)}`;
  return [
    ...graphHints(header, claims),
    hint(
      'signature_altered',
      `the signature is not that of these bytes under ${which}`,
      'either the token was changed after it was issued (edited, re-encoded, cut and pasted together), or another key signed it: ' +
        `another provider, realm or environment may use the same key id. Compare it with the token that the provider issued`,
    ),
  ];
}

/** Google replaces the signatures of tokens that it has verified in front of a service, such as Cloud Run. */
function removedHints({ spelling }: UnverifiedToken): ExplanationHint[] {
  return spelling.signature === REMOVED_BY_GOOGLE
    ? [
        hint(
          'signature_removed',
          `its signature is ${REMOVED_BY_GOOGLE}: a service of Google Cloud in front of this API, such as Cloud Run, replaced it`,
          'have callers send the token for Cloud Run in X-Serverless-Authorization and that for this API in Authorization, or do without ' +
            'authentication by IAM. Without its signature the token cannot be verified',
        ),
      ]
    : [];
}

function signatureBytes(algorithm: string, { keyObject }: VerificationKey): number | undefined {
  const definition = ALGORITHMS.get(algorithm);
  if (definition?.family === 'ECDSA' || definition?.family === 'EdDSA') {
    return definition.signatureBytes;
  }
  const bits = keyObject.asymmetricKeyDetails?.modulusLength;
  return bits === undefined ? undefined : Math.ceil(bits / 8);
}
