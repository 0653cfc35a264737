import type { AuthenticationRequirement } from '../access/authentication-requirement';

/**
 * Why a request or a token was refused. The set is closed: every refusal of this library carries exactly one of these
 * codes, so a `switch` over it is exhaustive.
 */
export type RefusalCode =
  | 'authorization_header_missing'
  | 'invalid_request'
  | 'malformed_token'
  | 'unknown_issuer'
  | 'unknown_audience'
  | 'ambiguous_client'
  | 'client_retired'
  | 'algorithm_not_allowed'
  | 'wrong_token_type'
  | 'token_expired'
  | 'token_inactive'
  | 'token_not_active'
  | 'invalid_claims'
  | 'unknown_key'
  | 'invalid_signature'
  | 'not_authenticated'
  | 'client_not_allowed'
  | 'missing_a_valid_role'
  | 'missing_required_roles'
  | 'missing_scope'
  | 'insufficient_user_authentication'
  | 'access_denied'
  | 'keys_unavailable'
  | 'proof_required'
  | 'unbound_token'
  | 'binding_mismatch'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'token_revoked'
  | 'state_unavailable'
  | 'introspection_unavailable';

/** The `error` values of RFC 6750 section 3.1. */
export type BearerError = 'invalid_request' | 'invalid_token' | 'insufficient_scope';

/** The `error` values of RFC 9449 section 7.1. */
export type DpopError = 'invalid_dpop_proof' | 'use_dpop_nonce';

/** The `error` value of RFC 9470 section 3. */
export type StepUpError = 'insufficient_user_authentication';

/** The `error` values of challenges. A specification that registers more of them adds its union here. */
export type ChallengeError = BearerError | DpopError | StepUpError;

interface RefusalMeaning {
  /** HTTP status code. */
  readonly status: 400 | 401 | 403 | 503;
  /** Whether the answer carries `WWW-Authenticate` challenges, and with which `error` (RFC 6750 section 3). */
  readonly challenge: 'none' | 'without error' | ChallengeError;
  /** What the caller can fix. Names no configured issuer, audience or key. */
  readonly message: string;
}

/** The status, challenge and message of each code. */
export const REFUSALS: Readonly<Record<RefusalCode, RefusalMeaning>> = {
  authorization_header_missing: {
    status: 401,
    challenge: 'without error',
    message: 'An access token is required in the Authorization header, with the scheme Bearer',
  },
  invalid_request: {
    status: 400,
    challenge: 'invalid_request',
    message: 'The request must carry exactly one well-formed bearer token',
  },
  malformed_token: { status: 401, challenge: 'invalid_token', message: 'The token is not a well-formed signed JWT' },
  unknown_issuer: { status: 401, challenge: 'invalid_token', message: 'The token is from an issuer not accepted here' },
  unknown_audience: { status: 401, challenge: 'invalid_token', message: 'The token is not meant for this API' },
  ambiguous_client: {
    status: 401,
    challenge: 'invalid_token',
    message: 'The token is addressed to several clients of this API and names none of them as its party',
  },
  client_retired: {
    status: 401,
    challenge: 'invalid_token',
    message: 'The client of this token is no longer supported',
  },
  algorithm_not_allowed: {
    status: 401,
    challenge: 'invalid_token',
    message: 'The token is signed with an algorithm not accepted here',
  },
  wrong_token_type: { status: 401, challenge: 'invalid_token', message: 'The token is not an access token' },
  token_expired: { status: 401, challenge: 'invalid_token', message: 'The token has expired' },
  token_inactive: {
    status: 401,
    challenge: 'invalid_token',
    message: 'The issuer of the token says that it is not active',
  },
  token_not_active: { status: 401, challenge: 'invalid_token', message: 'The token is not valid yet' },
  invalid_claims: {
    status: 401,
    challenge: 'invalid_token',
    message: 'A claim of the token is missing, malformed or not accepted',
  },
  unknown_key: { status: 401, challenge: 'invalid_token', message: 'The token is signed with an unknown key' },
  invalid_signature: { status: 401, challenge: 'invalid_token', message: 'The signature of the token is not valid' },
  not_authenticated: { status: 401, challenge: 'without error', message: 'The caller is not authenticated' },
  client_not_allowed: {
    status: 403,
    challenge: 'insufficient_scope',
    message: 'The client of this token may not use this resource',
  },
  missing_a_valid_role: {
    status: 403,
    challenge: 'insufficient_scope',
    message: 'None of the roles that open this resource is granted',
  },
  missing_required_roles: {
    status: 403,
    challenge: 'insufficient_scope',
    message: 'Not every role that this resource requires is granted',
  },
  missing_scope: {
    status: 403,
    challenge: 'insufficient_scope',
    message: 'Not every scope that this resource requires is granted',
  },
  insufficient_user_authentication: {
    status: 401,
    challenge: 'insufficient_user_authentication',
    message: 'The user must authenticate more strongly or again',
  },
  access_denied: {
    status: 403,
    challenge: 'insufficient_scope',
    message: 'The rules of this resource do not allow this request',
  },
  keys_unavailable: {
    status: 503,
    challenge: 'none',
    message: 'The token cannot be verified at the moment, try again later',
  },
  proof_required: {
    status: 401,
    challenge: 'invalid_token',
    message: 'The token is bound to a key or a certificate, and the request does not prove possession of it',
  },
  unbound_token: {
    status: 401,
    challenge: 'invalid_token',
    message: 'A token that is bound to the key or the certificate of its sender is required',
  },
  binding_mismatch: {
    status: 401,
    challenge: 'invalid_token',
    message: 'The token is bound to another key or certificate than that of the request',
  },
  invalid_dpop_proof: {
    status: 401,
    challenge: 'invalid_dpop_proof',
    message: 'The DPoP proof is malformed, is not for this request, is too old, or was used before',
  },
  use_dpop_nonce: {
    status: 401,
    challenge: 'use_dpop_nonce',
    message: 'The DPoP proof must contain the nonce of the DPoP-Nonce header',
  },
  token_revoked: { status: 401, challenge: 'invalid_token', message: 'The token has been revoked' },
  state_unavailable: {
    status: 503,
    challenge: 'none',
    message: 'The request cannot be verified at the moment, try again later',
  },
  introspection_unavailable: {
    status: 503,
    challenge: 'none',
    message: 'The issuer of the token cannot be asked at the moment, try again later',
  },
};

/** A refusal: why, and what the answer says beside that. Every value is a constant or configured. */
export interface Refusal {
  /** Why: one of the closed set. */
  readonly code: RefusalCode;
  /** Seconds until the next attempt makes sense (status 503). */
  readonly retryAfter?: number;
  /** Scopes that the route requires, from its decorators. */
  readonly requiredScopes?: readonly string[];
  /** How the user must have been authenticated (`insufficient_user_authentication`). */
  readonly authentication?: AuthenticationRequirement;
  /** The configured message that replaces the code's own message (`client_retired`). */
  readonly message?: string;
  /** The nonce that the next proof must have (`use_dpop_nonce`). */
  readonly dpopNonce?: string;
}
