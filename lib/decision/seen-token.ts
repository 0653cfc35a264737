import { chooseAmong, type Candidate } from '../core/client/select-client';
import { validityOf } from '../core/checks/claims';
import type { StrictnessRule } from '../core/checks/strictness';
import type { OidcPrincipalProperties } from '../core/principal/oidc-principal';
import { own, type JsonObject } from '../core/token/json-object';
import type { UnverifiedToken } from '../core/token/unverified-token';
import type { Standing } from './standing-checks';

/**
 * What is remembered of an accepted token: what cannot be otherwise the next time. This very text is signed with this key,
 * passed every check but the standing ones, and says this. Everything else is asked again at each use: which client the
 * route is for, and the standing checks.
 *
 * @internal
 */
export interface SeenToken extends Standing {
  /** The token, every character of it, in a string that is part of no other. */
  readonly text: string;
  /** The last part of it. */
  readonly signature: string;
  /** The length of its claims, in bytes of UTF-8. */
  readonly claimsBytes: number;
  /** The `iss` of the token. */
  readonly identifier: string;
  /** The values of the claim that names the audience. */
  readonly audiences: readonly string[];
  /** The clients that it may be for, with its party: what the choice among them depends on. */
  readonly candidates: readonly Candidate[];
  /** What its principals are made of; undefined where functions of the application read it, each time. */
  readonly properties: OidcPrincipalProperties | undefined;
  /** Rules of the client's `strictness` that it breaks, where these are only reported. */
  readonly reported: readonly StrictnessRule[];
}

/** A token that has just been accepted: what was selected and read, and what came of it. */
interface AcceptedToken extends Pick<Standing, 'client' | 'issuer' | 'key'> {
  readonly token: UnverifiedToken;
  readonly audiences: readonly string[];
  readonly candidates: readonly Candidate[];
  readonly properties: OidcPrincipalProperties;
  readonly reported: readonly StrictnessRule[];
}

/** What to remember of an accepted token. Its text is put together again: the one that came may be part of a longer one. */
export function seenTokenOf(accepted: AcceptedToken): SeenToken {
  const { token, client, issuer, audiences, candidates, key, properties, reported } = accepted;
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
    audiences: client.hasFunctions ? audiences : NO_AUDIENCES,
    candidates,
    keyId: token.keyId,
    algorithm: token.algorithm,
    thumbprint: token.thumbprint,
    key,
    validity: validityOf(claims),
    properties: client.hasFunctions ? undefined : properties,
    reported,
  };
}

/** Only functions of the application ask again. */
const NO_AUDIENCES: readonly string[] = [];

/**
 * Chooses the client of a remembered token again, for a route.
 *
 * @param allowed the clients the route is for; absent where it is for all.
 * @returns whether the route is for its client; undefined where the token might now be another client's, or nobody's, and
 *   has to be selected anew.
 */
export function chooseAgain(
  { client, issuer, identifier, candidates }: SeenToken,
  allowed: ReadonlySet<string> | undefined,
): boolean | undefined {
  if (issuer.identifier !== identifier) {
    return undefined;
  }
  const chosen = chooseAmong(candidates, allowed);
  return chosen?.client === client ? chosen.allowed : undefined;
}
