import type { OidcPrincipal } from '../core/principal/oidc-principal';
import type { RefusalCode } from '../core/refusal/refusal-code';
import type { RoleRequirement } from '../core/access/access-kinds';

/**
 * A step of the decision on a token, in this order:
 *
 * - `parse`: it is a signed JWT in its one canonical spelling;
 * - `client`: issuer, audience and authorized party are those of exactly one client;
 * - `retired`: the time of that client is not over;
 * - `algorithm`, `kind`, `times`, `claims`: everything else that needs no cryptography;
 * - `key`: the issuer has the key that the token names;
 * - `signature`: it is valid under that key;
 * - `validate`: the client's own rules accept the verified claims;
 * - `allowed_client`, `roles`, `all_roles`, `scopes`: what a route asks for, where that was given;
 * - `rules`: the rules of `@Authorize()`, which want a request and are not asked.
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
  | 'validate'
  | 'allowed_client'
  | 'roles'
  | 'all_roles'
  | 'scopes'
  | 'rules';

/** One step of the decision, and what became of it. */
export interface ExplanationStep {
  readonly name: ExplanationStepName;
  /** `not reached` also where nothing was asked, as of `rules`. */
  readonly outcome: 'passed' | 'failed' | 'not reached';
  /** What would pass; absent where that depends on a step that was not reached. */
  readonly expected?: string;
  /** What there is; absent where it was not reached. */
  readonly found?: string;
  /** What the token is refused with, at the one step that failed. */
  readonly code?: RefusalCode;
}

/** What one configured client has to do with a token. */
export interface ExplainedClient {
  readonly name: string;
  /** Whether this is the client that the token was taken for. */
  readonly isChosen: boolean;
  /** What `iss` must be, and whether it is. Two forms as long as the discovery document has not said which. */
  readonly issuer: { readonly expected: readonly string[]; readonly matches: boolean };
  /** What one value of the claim must be, and whether one is. */
  readonly audience: { readonly claim: string; readonly expected: readonly string[]; readonly matches: boolean };
  /** What the party (`azp`, else `client_id`, or the claim that the client says) must be; `expected` is absent where any party will do. */
  readonly authorizedParty: { readonly expected?: readonly string[]; readonly matches: boolean };
}

/** What is probably wrong, where that can be told. The set is closed. */
export type ExplanationHintCode =
  // of the text
  | 'bearer_prefix'
  | 'surrounding_characters'
  | 'truncated_token'
  | 'opaque_token'
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
  | 'issuer_discovery_host'
  | 'issuer_environment'
  | 'issuer_unreachable'
  // of the audience and the party
  | 'audience_account'
  | 'audience_environment'
  | 'audience_in_party'
  | 'audience_part'
  | 'audience_case'
  | 'audience_elsewhere'
  | 'audience_missing'
  | 'party_not_listed'
  | 'several_clients'
  | 'client_retired'
  // of what the token is
  | 'symmetric_algorithm'
  | 'algorithm_not_listed'
  | 'id_token'
  | 'refresh_token'
  | 'other_token'
  | 'expired'
  | 'not_active'
  | 'clock_skew'
  | 'sender_constrained'
  | 'claim_missing'
  | 'strictness_rule'
  // of the key and the signature
  | 'key_rotated'
  | 'key_id_missing'
  | 'signature_altered'
  // of the client's own rules
  | 'own_rule'
  // of the route
  | 'open_route'
  | 'client_not_allowed'
  | 'client_without_roles'
  | 'role_case'
  | 'role_elsewhere'
  | 'role_of_other_client'
  | 'role_unmapped'
  | 'role_not_implied'
  | 'scope_case'
  | 'scope_elsewhere';

/** A near miss. */
export interface ExplanationHint {
  readonly code: ExplanationHintCode;
  /** What is probably wrong, and what to do about it. */
  readonly text: string;
}

/**
 * Why a token is accepted or refused: every check in order, every client, and near misses. For developers: it has values of
 * the token's claims in it, which may be personal; the token itself and its signature are not in it.
 */
export interface Explanation {
  readonly accepted: boolean;
  /** What the token is refused with: what `decide` says, or what a guard on the route would. Absent where it is accepted. */
  readonly code?: RefusalCode;
  /** HTTP status of that refusal. */
  readonly status?: number;
  /** What a caller is told. */
  readonly message?: string;
  /** The name of the client that the token was taken for. */
  readonly client?: string;
  /** The route it was explained for. */
  readonly route?: string;
  /** Who the token speaks for; absent where it is refused by what it is, and not by what the route asks for. */
  readonly principal?: OidcPrincipal;
  /** Every step, in order. The first that fails decides. */
  readonly steps: readonly ExplanationStep[];
  /** Every configured client; empty where the token could not be read. */
  readonly clients: readonly ExplainedClient[];
  readonly hints: readonly ExplanationHint[];
}

/** What a token is explained for, beside what it is. */
export interface ExplainOptions {
  /**
   * A handler of the application, as `AccessTable.toMatrix()` names it: `GET /mines/:id`. What its decorators ask for holds,
   * unless it is given here. Default: none.
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
}
