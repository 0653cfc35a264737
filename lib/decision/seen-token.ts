import { chooseAmong, type Candidate } from '../core/client/select-client';
import { validityOf } from '../core/checks/claims';
import type { StrictnessRule } from '../core/checks/strictness';
import type { OidcPrincipalProperties } from '../core/principal/oidc-principal';
import { confirmationOf, type Confirmation } from '../core/proof/confirmation';
import { own, type JsonObject } from '../core/token/json-object';
import type { UnverifiedToken } from '../core/token/unverified-token';
import type { Standing } from './standing-checks';

/**
 * What is remembered of an accepted token, because it cannot change: this exact text is signed with this key, passed every
 * check but the standing ones, and has these claims. At each use, the client for the route is chosen again and the standing
 * checks run again.
 *
 * @internal
 */
export interface SeenToken extends Standing {
  /** The whole token, in a string of its own. */
  readonly text: string;
  /** The last part of it. */
  readonly signature: string;
  /** The length of its claims, in bytes of UTF-8. */
  readonly claimsBytes: number;
  /** The `iss` of the token. */
  readonly identifier: string;
  /** What it is bound to; undefined if it is not bound. */
  readonly confirmation: Confirmation | undefined;
  /** The values of the claim that names the audience. */
  readonly audiences: readonly string[];
  /** The clients that accept its audience and party. The choice among them depends on the route. */
  readonly candidates: readonly Candidate[];
  /** The properties of its principals; undefined if functions of the application read the token each time. */
  readonly properties: OidcPrincipalProperties | undefined;
  /** Rules of the client's `strictness` that it breaks, where these are only reported. */
  readonly reported: readonly StrictnessRule[];
}

/** A token that has just been accepted: what was selected and read, and what came of it. */
interface AcceptedToken extends Pick<Standing, 'client' | 'issuer' | 'key' | 'revocable'> {
  readonly token: UnverifiedToken;
  readonly audiences: readonly string[];
  readonly candidates: readonly Candidate[];
  readonly properties: OidcPrincipalProperties;
  readonly reported: readonly StrictnessRule[];
}

/**
 * What to remember of an accepted token. The text is assembled from the parts, because the received one may be part of a
 * longer string.
 */
export function seenTokenOf(accepted: AcceptedToken): SeenToken {
  const { token, client, issuer, audiences, candidates, key, revocable, properties, reported } = accepted;
  const { header, claims: payload, signature } = token.spelling;
  // Functions of the application may have changed the claims.
  const claims = client.hasFunctions ? (JSON.parse(token.unverifiedClaimsText) as JsonObject) : token.unverifiedClaims;
  return {
    text: `${header}.${payload}.${signature}`,
    signature,
    claimsBytes: Math.floor((payload.length * 3) / 4),
    client,
    issuer,
    identifier: String(own(claims, 'iss')),
    confirmation: confirmationOf(claims),
    audiences: client.hasFunctions ? audiences : NO_AUDIENCES,
    candidates,
    keyId: token.keyId,
    algorithm: token.algorithm,
    thumbprint: token.thumbprint,
    key,
    revocable,
    validity: validityOf(claims),
    properties: client.hasFunctions ? undefined : properties,
    reported,
  };
}

/** Only needed for functions of the application. */
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
