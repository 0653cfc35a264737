import { isRetired, type Client } from '../core/client/client';
import { chooseAmong, type Candidate } from '../core/client/select-client';
import type { Issuer } from '../issuer/issuer';
import type { VerificationKey } from '../core/key/verification-key';
import type { OidcPrincipalProperties } from '../core/principal/oidc-principal';
import { own, type JsonObject } from '../core/token/json-object';
import type { UnverifiedToken } from '../core/token/unverified-token';
import { isWithin, validityOf, type Validity } from '../core/checks/claims';
import type { StrictnessRule } from '../core/checks/strictness';

/**
 * What was found out about a token when it was accepted, and what cannot be otherwise the next time: that this very text
 * is signed with this key of its client's issuer, passed every check but that of times, and what it says. Whatever may
 * change is asked again at each use: which client the route is for, times, keys, the application's own rules.
 *
 * @internal
 */
export interface SeenToken {
  /** The token, every character of it, in a string that is part of no other. */
  readonly text: string;
  /** The last part of it. */
  readonly signature: string;
  /** How many bytes its claims are, as UTF-8. */
  readonly claimsBytes: number;
  readonly client: Client;
  readonly issuer: Issuer;
  /** What its `iss` says. */
  readonly identifier: string;
  /** The clients that it may be for, with its party: what the choice among them depends on. */
  readonly candidates: readonly Candidate[];
  /** What its header names a key by, and the key that this was. */
  readonly keyId: string | undefined;
  readonly algorithm: string;
  readonly key: VerificationKey;
  /** When it is good. */
  readonly validity: Validity;
  /** What its principals are made of; undefined where functions of the application read it, each time. */
  readonly properties: OidcPrincipalProperties | undefined;
  /** Added rules that it breaks, where these are only reported. */
  readonly reported: readonly StrictnessRule[];
}

/** What has just been accepted: what was selected and read, and what came of it. */
interface AcceptedToken extends Pick<SeenToken, 'client' | 'candidates' | 'issuer' | 'key' | 'reported'> {
  readonly token: UnverifiedToken;
  readonly properties: OidcPrincipalProperties;
}

/** What is worth remembering of it. Its text is put together again, for the one that came may be part of a longer one. */
export function seenTokenOf(accepted: AcceptedToken): SeenToken {
  const { token, client, issuer, candidates, key, properties, reported } = accepted;
  const { header, claims: payload, signature } = token.spelling;
  // Functions of the application may have changed what they were given.
  const claims = client.hasFunctions ? (JSON.parse(token.unverifiedClaimsText) as JsonObject) : token.unverifiedClaims;
  return {
    text: `${header}.${payload}.${signature}`,
    signature,
    claimsBytes: Math.floor((payload.length * 3) / 4),
    client,
    issuer,
    identifier: String(own(claims, 'iss')),
    candidates,
    keyId: token.keyId,
    algorithm: token.algorithm,
    key,
    validity: validityOf(claims),
    properties: client.hasFunctions ? undefined : properties,
    reported,
  };
}

/**
 * Whether the route is for the client of a token that was seen before; undefined where the token might now be another
 * client's, or nobody's, and has to be selected anew.
 *
 * @param allowed the clients the route is for; absent where it is for all.
 * @param now seconds since the epoch.
 */
export function isSeenAllowed(
  { client, issuer, identifier, candidates }: SeenToken,
  allowed: ReadonlySet<string> | undefined,
  now: number,
): boolean | undefined {
  if (issuer.identifier !== identifier || isRetired(client, now)) {
    return undefined;
  }
  const chosen = chooseAmong(candidates, allowed);
  return chosen?.client === client ? chosen.allowed : undefined;
}

/**
 * Whether a token that was seen before would pass its checks and the verification of its signature again.
 *
 * @param now seconds since the epoch.
 */
export function isStillValid({ client, issuer, keyId, algorithm, key, validity }: SeenToken, now: number): boolean {
  return (
    isWithin(validity, client, now) &&
    (client.secret === undefined ? issuer.stillHas(key, keyId, algorithm) : Object.is(client.secret, key))
  );
}
