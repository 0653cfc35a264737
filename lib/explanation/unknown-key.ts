import type { Client, KeySource } from '../core/client/client';
import type { VerificationKey } from '../core/key/verification-key';
import { own } from '../core/token/json-object';
import type { UnverifiedToken } from '../core/token/unverified-token';
import type { Issuer } from '../issuer/issuer';
import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import { namesOf } from './key-steps';
import { applicationKeyHints } from './microsoft-near-misses';
import { durationOf, shown } from './wording';

/** What is known where the set does not have the key that a token names. */
export interface UnknownKey {
  readonly issuer: Issuer;
  readonly client: Client;
  readonly keys: readonly VerificationKey[];
  /** Those of them that are for the token's algorithm. */
  readonly fitting: readonly VerificationKey[];
  /** Seconds since the epoch. */
  readonly now: number;
}

/** Possible causes where the set does not have the key that a token names. */
export function unknownKeyHints(keyId: string, token: UnverifiedToken, known: UnknownKey): ExplanationHint[] {
  const { issuer, client, keys, fitting, now } = known;
  const { unverifiedClaims: claims, algorithm } = token;
  const { keySource } = client.issuer;
  const evidence = `the issuer has ${namesOf(keys)}, and not ${shown(keyId)}`;
  if (issuer.notes.retiredKeyIds.has(keyId)) {
    return [
      hint(
        'key_rotated',
        `${evidence}, which was in an earlier set: the provider has rotated its keys`,
        'get a fresh token. The provider should publish an old key until its last token has expired',
      ),
    ];
  }
  const nameless = fitting.filter((key) => key.keyId === undefined);
  const withoutIds = namelessHints(keyId, algorithm, nameless.length, fitting.length);
  if (nameless.length > 0 && nameless.length === fitting.length) {
    return withoutIds;
  }
  if (keySource.kind === 'static') {
    return [
      ...withoutIds,
      hint(
        'key_unknown',
        `${evidence}; these keys are part of the configuration (jwks), and are never fetched`,
        "add the issuer's current keys, or give jwksUri or discovery instead",
      ),
    ];
  }
  return [
    ...withoutIds,
    ...applicationKeyHints(claims, urlsOf(keySource)),
    unknownHint(evidence, own(claims, 'iat'), issuer.health.keyAge, now),
  ];
}

function namelessHints(keyId: string, algorithm: string, nameless: number, fitting: number): ExplanationHint[] {
  return nameless === 0
    ? []
    : [
        hint(
          'key_set_without_ids',
          `the token names key ${shown(keyId)}, and ${nameless} of ${fitting} keys for ${algorithm} in the issuer's set have no kid, so ` +
            'that none of them is chosen for it',
          'have the provider publish its keys with their ids, or give the client the key as publicKey, for which kid is not compared',
        ),
      ];
}

/** No cause is established. The age of the token says which are possible. */
function unknownHint(evidence: string, issued: unknown, keyAge: number | undefined, now: number): ExplanationHint {
  const elsewhere =
    'Another realm, tenant or environment may use the same iss: compare where token and keys come from. The command doctor lists keys ' +
    'that are published and cannot be used';
  if (typeof issued !== 'number' || keyAge === undefined) {
    return hint('key_unknown', evidence, `no cause is established. ${elsewhere}`);
  }
  return issued < now - keyAge
    ? hint(
        'key_unknown',
        `${evidence}. The token was issued ${durationOf(now - issued)} ago, before that set was fetched`,
        `no cause is established. The provider may have rotated its keys since: then a fresh token is good. ${elsewhere}`,
      )
    : hint(
        'key_unknown',
        `${evidence}. The token is younger than that set`,
        `no cause is established. The provider may publish a new key late: then the token is good in a while. ${elsewhere}`,
      );
}

function urlsOf(keySource: KeySource): readonly string[] {
  switch (keySource.kind) {
    case 'discovery':
      return keySource.urls;
    case 'jwksUri':
      return [keySource.url];
    default:
      return [];
  }
}
