import type { Client } from '../core/client/client';
import { checkTokenKind } from '../core/checks/token-kind';
import { ALGORITHMS } from '../core/key/algorithm';
import { own, type JsonObject } from '../core/token/json-object';
import type { UnverifiedToken } from '../core/token/unverified-token';
import type { Failure } from '../core/decision/failure';
import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import { graphHints } from './microsoft-near-misses';
import { listed, shown } from './wording';

/** Possible causes where the algorithm is not one of the client's. */
export function algorithmHints(token: UnverifiedToken, { name, algorithms, secret }: Client): ExplanationHint[] {
  const algorithm = token.algorithm;
  if (algorithm === 'none') {
    return [hint('unsigned_token', 'alg is none: anybody could have made it', 'have the provider sign its tokens')];
  }
  if (ALGORITHMS.get(algorithm)?.family === 'HMAC' && secret === undefined) {
    return [
      hint(
        'symmetric_algorithm',
        `alg is ${algorithm}, which is made with a secret, and client ${shown(name)} verifies by public keys`,
        'have the provider sign with a key pair (RS256, ES256), or, if it shares a secret with this API, give the client secret. ' +
          'Some providers sign so where no audience of an API was asked for',
      ),
    ];
  }
  return [
    hint(
      'algorithm_not_listed',
      `alg is ${shown(algorithm)}, and client ${shown(name)} accepts ${listed(algorithms)}`,
      ALGORITHMS.has(algorithm)
        ? 'add it to algorithms, or have the provider sign with one of these'
        : 'have the provider sign with one of these',
    ),
  ];
}

/** Nothing marks access tokens beside what holds for every provider. */
const NO_MARKS: Client['accessTokenClaims'] = new Map();

/**
 * Another kind of token, by the check of the decision itself, and tokens that are for others by design.
 *
 * @param acceptIdTokens whether ID tokens are accepted.
 */
export function kindHints(header: JsonObject, claims: JsonObject, acceptIdTokens: boolean): ExplanationHint[] {
  const graph = graphHints(header, claims);
  if (graph.length > 0) {
    return graph;
  }
  const failure = checkTokenKind(header, claims, { acceptIdTokens, accessTokenClaims: NO_MARKS });
  // Cognito marks its ID tokens so.
  const isId = own(claims, 'token_use') === 'id' && !acceptIdTokens;
  if (failure === undefined) {
    return isId ? [idTokenHint('token_use is "id"')] : [];
  }
  const { claim = 'typ', actual } = failure;
  if (actual === 'ID' || claim === 'at_hash' || claim === 'c_hash') {
    return [idTokenHint(actual === 'ID' ? 'typ is "ID"' : `it has ${claim}, which only ID tokens have`)];
  }
  if (actual === 'Refresh' || actual === 'Offline') {
    return [
      hint(
        'refresh_token',
        `typ is ${shown(actual)}: it is a refresh token, which is for the provider alone`,
        'send the access_token of the same response',
      ),
    ];
  }
  return [
    hint('other_token', `${claim} is ${shown(actual)}, which marks another kind of token`, 'send the access token'),
  ];
}

function idTokenHint(evidence: string): ExplanationHint {
  return hint(
    'id_token',
    `${evidence}: it is an ID token, which tells the application who logged in`,
    'send the access_token of the same response. If the provider has no JWT access tokens (Dex, Google), give the client ' +
      'acceptIdTokens: true',
  );
}

/** A claim by which the provider marks its access tokens, and that the token does not have. */
export function markHints(failure: Failure | undefined, { name, accessTokenClaims }: Client): ExplanationHint[] {
  const { claim } = failure ?? {};
  if (claim === undefined || failure?.option !== 'accessTokenClaims') {
    return [];
  }
  const values = accessTokenClaims.get(claim);
  const wanted = values === undefined ? 'a value' : listed(values);
  return [
    hint(
      'other_token',
      `${claim} is ${shown(failure.actual)}, and access tokens for client ${shown(name)} have ${wanted} there (accessTokenClaims, by ` +
        'its preset or its own)',
      'send the access token. If it is one, the client has the preset of another provider, or accessTokenClaims that its tokens do ' +
        'not have',
    ),
  ];
}

/** The claim, or the rule of the client, that a token is refused for. */
export function claimHints(failure: Failure | undefined, client: Client): ExplanationHint[] {
  const { claim, option, actual } = failure ?? {};
  if (claim === undefined) {
    return [strictnessHint(option, client)];
  }
  if (claim === 'cnf' || (claim === 'typ' && option === undefined)) {
    return [
      hint(
        'sender_constrained',
        `${claim} is ${shown(actual)}: the token is bound to its sender (DPoP or a certificate), and that cannot be checked here`,
        'give the module proofOfPossession, or have the provider issue plain bearer tokens for this API',
      ),
    ];
  }
  if (option === 'refusedClaims') {
    return [
      hint(
        'own_rule',
        `${claim} is ${shown(actual)}, and client ${shown(client.name)} refuses tokens with that (refusedClaims)`,
        'send a token without it, or change refusedClaims',
      ),
    ];
  }
  if (option !== undefined) {
    const isAbsent = actual === undefined || actual === null;
    return [
      hint(
        isAbsent ? 'claim_missing' : 'own_rule',
        `${claim} is ${isAbsent ? 'missing' : shown(actual)}, and client ${shown(client.name)} requires ${expectationOf(failure)} (${option})`,
        isAbsent
          ? 'have the provider add it, by a mapper or a scope'
          : 'send a token that has it, or change the option',
      ),
    ];
  }
  return [
    hint(
      'claim_missing',
      `${claim} is ${shown(actual)}, and must be ${claim === 'aud' ? 'a string or a list of strings' : 'a string that is not empty'}`,
      'have the provider correct it',
    ),
  ];
}

function expectationOf(failure: Failure | undefined): string {
  const expected = failure?.expected;
  return expected instanceof Set || Array.isArray(expected) ? listed(expected) : 'it';
}

/** A rule of `strictness` that a token breaks. */
export function strictnessHint(option: string | undefined, { name }: Client): ExplanationHint {
  const isType = option === 'strictness.accessTokenType' || option === 'strictness.rfc9068';
  return hint(
    'strictness_rule',
    `the token breaks ${option ?? 'strictness'} of client ${shown(name)}` +
      (isType ? ', which wants a header typ of at+jwt and the claims of RFC 9068' : ''),
    "have the provider meet the rule, or use mode: 'report' until it does",
  );
}
