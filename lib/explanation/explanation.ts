import type { OidcPrincipal } from '../core/principal/oidc-principal';
import type { RefusalCode } from '../core/refusal/refusal-code';
import type { AuthenticationRequirement } from '../core/access/authentication-requirement';
import type { AccessStepName, RoleRequirement } from '../core/access/access-kinds';

/**
 * A step of the decision on a token, in this order:
 *
 * - `parse`: it is a signed JWT in its one canonical spelling;
 * - `client`: issuer, audience and authorized party are those of exactly one client;
 * - `retired`: the client's sunset date has not passed;
 * - `algorithm`, `kind`, `times`, `claims`: everything else that needs no cryptography;
 * - `key`: the issuer has the key that the token names;
 * - `signature`: it is valid under that key;
 * - `possession`: who presents it holds what it is bound to, where proofs of possession are checked;
 * - `introspection`: the issuer's answer about an opaque token, or a JWT that it is asked about too;
 * - `validate`: the client's own rules accept the verified claims;
 * - `revoked`: it was not revoked, where tokens can be;
 * - `allowed_client`, `roles`, `all_roles`, `scopes`, `authentication_context`: the requirements of a route, where given;
 * - `enrich`: what the application knows of the caller, where the client has `enrich`; it comes after `allowed_client`;
 * - `rules`: the rules of `@Authorize()`, which need a request and are not called.
 */
export type ExplanationStepName =
  | 'parse'
  | 'client'
  | 'retired'
  | 'algorithm'
  | 'kind'
  | 'times'
  | 'claims'
  | 'key'
  | 'signature'
  | 'possession'
  | 'introspection'
  | 'validate'
  | 'revoked'
  | 'enrich'
  | AccessStepName;

/** One step of the decision and its outcome. */
export interface ExplanationStep {
  readonly name: ExplanationStepName;
  /** `not reached` also for steps that are never taken here, such as `rules`. */
  readonly outcome: 'passed' | 'failed' | 'not reached';
  /** What would pass; absent where that depends on a step that was not reached. */
  readonly expected?: string;
  /** What there is; absent where it was not reached. */
  readonly found?: string;
  /** The refusal code, at the one step that failed. */
  readonly code?: RefusalCode;
}

/** How a token compares with one configured client. */
export interface ExplainedClient {
  readonly name: string;
  /** Whether the token was selected as this client's. */
  readonly isChosen: boolean;
  /** What `iss` must be, and whether it is. Two forms until the discovery document says which. */
  readonly issuer: { readonly expected: readonly string[]; readonly matches: boolean };
  /** What one value of the claim must be, and whether one is. */
  readonly audience: { readonly claim: string; readonly expected: readonly string[]; readonly matches: boolean };
  /** What the party (`azp`, else `client_id`, or `authorizedPartyClaim`) must be; `expected` is absent where any party is accepted. */
  readonly authorizedParty: { readonly expected?: readonly string[]; readonly matches: boolean };
}

/** A possible cause of a refusal. The set is closed. docs/explain.md has an example of each. */
export type ExplanationHintCode =
  // of the text
  | 'bearer_prefix'
  | 'wrong_scheme'
  | 'scheme_missing'
  | 'surrounding_characters'
  | 'truncated_token'
  | 'padded_token'
  | 'opaque_token'
  | 'google_access_token'
  | 'encrypted_token'
  | 'unsigned_token'
  | 'oversized_token'
  | 'unsupported_header'
  | 'unreadable_token'
  // of the issuer
  | 'issuer_missing'
  | 'issuer_final_slash'
  | 'issuer_case'
  | 'issuer_scheme'
  | 'issuer_in_document'
  | 'issuer_discovery_host'
  | 'issuer_environment'
  | 'issuer_unreachable'
  | 'issuer_credentials'
  | 'document_issuer'
  | 'entra_v1_token'
  | 'entra_v2_token'
  // of the audience and the party
  | 'audience_account'
  | 'audience_foreign'
  | 'audience_final_slash'
  | 'audience_scheme'
  | 'audience_case'
  | 'audience_environment'
  | 'audience_in_party'
  | 'audience_part'
  | 'audience_elsewhere'
  | 'audience_missing'
  | 'audience_claim_absent'
  | 'clerk_without_azp'
  | 'party_not_listed'
  | 'several_clients'
  | 'client_retired'
  // of what the token is
  | 'symmetric_algorithm'
  | 'algorithm_not_listed'
  | 'id_token'
  | 'refresh_token'
  | 'graph_token'
  | 'other_token'
  | 'milliseconds'
  | 'expired'
  | 'not_active'
  | 'clock_skew'
  | 'sender_constrained'
  | 'proof_missing'
  | 'proof_wrong'
  | 'token_unbound'
  | 'claim_missing'
  | 'strictness_rule'
  // of the key and the signature
  | 'key_rotated'
  | 'key_unknown'
  | 'key_set_without_ids'
  | 'key_for_other_algorithm'
  | 'key_of_application'
  | 'key_id_missing'
  | 'signature_removed'
  | 'signature_altered'
  // of the client's own functions
  | 'own_rule'
  | 'promise_returned'
  | 'function_threw'
  // of the revocation
  | 'revoked'
  | 'revocation_unknown'
  // of the route
  | 'open_route'
  | 'client_not_allowed'
  | 'client_without_roles'
  | 'role_case'
  | 'role_elsewhere'
  | 'roles_as_objects'
  | 'role_of_other_client'
  | 'role_unmapped'
  | 'role_not_implied'
  | 'lightweight_token'
  | 'groups_overage'
  | 'enrich_refused'
  | 'enrich_failed'
  | 'scope_case'
  | 'scope_elsewhere'
  | 'scope_absent'
  | 'issuer_not_asked'
  | 'token_inactive'
  | 'introspection_failed'
  | 'authentication_weak'
  | 'authentication_old'
  | 'authentication_unknown'
  // where none of these fits
  | 'no_known_cause';

/** A possible cause. Where several fit, each has a hint of its own. */
export interface ExplanationHint {
  readonly code: ExplanationHintCode;
  /** What was found, in the token, the configuration or the issuer's documents, that makes this a possible cause. */
  readonly evidence: string;
  /** The evidence, and what to change if this is the cause. */
  readonly text: string;
}

/**
 * Why a token is accepted or refused: every check in order, every client, and possible causes. For developers: it contains values
 * of the token's claims, which may be personal. It contains neither the token nor its signature.
 */
export interface Explanation {
  readonly accepted: boolean;
  /**
   * The refusal code, as of `decide` or of a guard on the route. Absent where the token is accepted, and where it is opaque and
   * its issuer was not asked.
   */
  readonly code?: RefusalCode;
  /** HTTP status of that refusal. */
  readonly status?: number;
  /** The message that a caller gets. */
  readonly message?: string;
  /** The name of the client that the token was selected for. */
  readonly client?: string;
  /** The route it was explained for. */
  readonly route?: string;
  /** The verified principal; absent where the token itself is refused. */
  readonly principal?: OidcPrincipal;
  /** Every step, in order. The first that fails decides. */
  readonly steps: readonly ExplanationStep[];
  /** Every configured client; empty where the token could not be read. */
  readonly clients: readonly ExplainedClient[];
  /** Possible causes of the refusal, and what else is worth knowing. Never empty where the token is refused. */
  readonly hints: readonly ExplanationHint[];
}

/** The request that presents a token which is bound to its sender. */
export interface ExplainedRequest {
  /** The method of the request. */
  readonly method: string;
  /** The URL of the request as callers have it, or the path as the application gets it. */
  readonly url: string;
  /** The DPoP proof: the value of the `DPoP` header. Default: none, the token is presented with the scheme Bearer. */
  readonly proof?: string;
  /** The certificate of the caller, as PEM text. Default: none. */
  readonly certificate?: string;
}

/** The route, or the requirements of one, that a token is explained for. */
export interface ExplainOptions {
  /**
   * Whether the issuer is asked about an opaque token, or about a JWT where `introspection.jwts` says so. Default: false, and the
   * explanation says that it was not asked.
   */
  readonly askIssuer?: boolean;
  /** The request, for a token that is bound to its sender. No proof is used up. Default: none, the token alone is explained. */
  readonly request?: ExplainedRequest;
  /**
   * A handler of the application, as `AccessTable.toMatrix()` names it: `GET /mines/:id`. The requirements of its decorators apply,
   * unless they are given here. Default: none.
   */
  readonly route?: string;
  /** The clients the route is for, as of `@Clients()`. Default: all. */
  readonly clients?: readonly string[];
  /** Any of these roles, as of `@Roles()`. Default: none is asked for. */
  readonly roles?: readonly RoleRequirement[];
  /** Every one of these roles, as of `@AllRoles()`. Default: none is asked for. */
  readonly allRoles?: readonly string[];
  /** Every one of these scopes, as of `@Scopes()`. Default: none is asked for. */
  readonly scopes?: readonly string[];
  /** How the user must have been authenticated, as of `@AuthenticationContext()`. Default: nothing is asked for. */
  readonly authenticationContext?: AuthenticationRequirement;
}
