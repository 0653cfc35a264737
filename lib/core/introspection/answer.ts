import type { Client, IssuerConfiguration } from '../client/client';
import type { ClientIndex } from '../client/client-index';
import {
  audiencesIn,
  authorizedParty,
  chooseAmong,
  isPartyOf,
  selectClient,
  type Candidate,
  type Selection,
} from '../client/select-client';
import type { Failure } from '../decision/failure';
import { own, type JsonObject } from '../token/json-object';
import { UnverifiedToken } from '../token/unverified-token';

/** What the header of an opaque token is: it has none. */
const NO_HEADER: JsonObject = Object.freeze({});
const NO_SIGNATURE: Buffer = Buffer.alloc(0);
const NO_SPELLING = { header: '', claims: '', signature: '' };

/** Types of access tokens (RFC 6749 section 7.1), in lower case, and what some providers write instead. */
const ACCESS_TOKEN_TYPES: ReadonlySet<unknown> = new Set(['bearer', 'dpop', 'access_token']);
const ACCESS_TOKEN_USES: ReadonlySet<unknown> = new Set(['access_token', 'access']);

/**
 * The claims of an introspection answer (RFC 7662 section 2.2), as those of a token of which nothing has been checked.
 *
 * @param issuer the issuer that was asked. An answer without `iss` is about its token.
 * @returns undefined unless `active` is literally true.
 * @internal
 */
export function claimsOfAnswer(answer: JsonObject, issuer: string): UnverifiedToken | undefined {
  if (own(answer, 'active') !== true) {
    return undefined;
  }
  const { active: _active, ...members } = answer;
  return tokenOfClaims(Object.hasOwn(members, 'iss') ? members : { ...members, iss: issuer });
}

/**
 * Claims without a token, as those of a token of which nothing has been checked.
 *
 * @internal
 */
export function tokenOfClaims(claims: JsonObject, text: string = JSON.stringify(claims)): UnverifiedToken {
  return new UnverifiedToken(NO_HEADER, claims, text, '', NO_SIGNATURE, '', undefined, undefined, NO_SPELLING);
}

/**
 * The client of an opaque token: by the same rule as that of a JWT. Where an answer without `aud` is for this API, by the
 * party alone.
 *
 * @internal
 */
export function selectByAnswer(
  clients: ClientIndex,
  token: UnverifiedToken,
  { issuer, introspection }: IssuerConfiguration,
  allowed: ReadonlySet<string> | undefined,
): Selection {
  const { unverifiedClaims: claims } = token;
  if (issuer === undefined || own(claims, 'iss') !== issuer) {
    return { code: 'unknown_issuer', addressed: [] };
  }
  if (introspection?.impliesAudience !== true || Object.hasOwn(claims, 'aud')) {
    return selectClient(clients, token, (other) => other.issuer, allowed);
  }
  const addressed = clients.clients.filter((client) => client.issuer.issuer === issuer);
  const candidates = addressed.map((client): Candidate => ({ client, party: authorizedParty(claims, client) }));
  const naming = candidates.filter(
    ({ client, party }) => client.authorizedParties !== undefined && isPartyOf(client, party),
  );
  const open = candidates.filter(({ client }) => client.authorizedParties === undefined);
  const fitting = naming.length > 0 ? naming : candidates.length === 1 ? open : [];
  const chosen = chooseAmong(fitting, allowed);
  return chosen === undefined
    ? { code: addressed.length === 1 ? 'invalid_claims' : 'ambiguous_client', addressed }
    : { ...chosen, provisional: false, addressed, candidates: fitting, audiences: [...chosen.client.audiences] };
}

/**
 * Refuses answers about refresh tokens and other tokens that are none for this API. Providers answer that they are active.
 *
 * @internal
 */
export function checkKindOfAnswer({ unverifiedClaims: claims }: UnverifiedToken): Failure | undefined {
  const type = own(claims, 'token_type');
  if (
    Object.hasOwn(claims, 'token_type') &&
    !(typeof type === 'string' && ACCESS_TOKEN_TYPES.has(type.toLowerCase()))
  ) {
    return { check: 'kind', code: 'wrong_token_type', claim: 'token_type', actual: type };
  }
  const use = own(claims, 'token_use');
  return Object.hasOwn(claims, 'token_use') && !ACCESS_TOKEN_USES.has(use)
    ? { check: 'kind', code: 'wrong_token_type', claim: 'token_use', actual: use }
    : undefined;
}

/** Claims in which an answer about a JWT may say nothing else than the JWT. */
const SAME_CLAIMS = ['iss', 'sub'] as const;

/**
 * A JWT that was verified here, with the claims that the answer about it adds. What the JWT says stays.
 *
 * @returns the failure where the answer contradicts the JWT.
 * @internal
 */
export function addAnswer(token: UnverifiedToken, answer: UnverifiedToken, client: Client): UnverifiedToken | Failure {
  const { unverifiedClaims: claims } = token;
  const { unverifiedClaims: told } = answer;
  const contradicted =
    SAME_CLAIMS.find(
      (name) => Object.hasOwn(told, name) && Object.hasOwn(claims, name) && told[name] !== claims[name],
    ) ??
    (Object.hasOwn(told, 'aud') && !audiencesIn(told, 'aud').some((audience) => client.audiences.has(audience))
      ? 'aud'
      : undefined);
  if (contradicted !== undefined) {
    return { check: 'claims', code: 'invalid_claims', claim: contradicted, actual: told[contradicted] };
  }
  const merged = { ...told, ...claims };
  const { unverifiedHeader, signingInput, signature, algorithm, keyId, thumbprint, spelling } = token;
  const text = JSON.stringify(merged);
  return new UnverifiedToken(
    unverifiedHeader,
    merged,
    text,
    signingInput,
    signature,
    algorithm,
    keyId,
    thumbprint,
    spelling,
  );
}
