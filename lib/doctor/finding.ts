import { printable } from './printable';

/** How severe a finding is: nothing to do, worth a look, or broken. */
export type FindingSeverity = 'ok' | 'warning' | 'problem';

/** The kind of a finding: a closed set. */
export type FindingCode =
  | 'discovery_found'
  | 'key_set_usable'
  | 'unreachable'
  | 'certificate_invalid'
  | 'timeout'
  | 'redirected'
  | 'not_found'
  | 'credentials_required'
  | 'http_error'
  | 'headers_unavailable'
  | 'wrong_content_type'
  | 'too_large'
  | 'not_json'
  | 'url_not_allowed'
  | 'no_jwks_uri'
  | 'no_key_set'
  | 'certificate_expiring'
  | 'not_https'
  | 'slow'
  | 'key_set_content_type'
  | 'clock_skew'
  | 'issuer_slash'
  | 'issuer_host'
  | 'wrong_issuer'
  | 'access_token_issuer'
  | 'no_usable_key'
  | 'weak_key'
  | 'private_key_published'
  | 'example_key'
  | 'key_not_for_signatures'
  | 'key_type_unsupported'
  | 'key_algorithm_mismatch'
  | 'malformed_key'
  | 'duplicate_key_id'
  | 'key_without_id'
  | 'shared_key'
  | 'shared_key_set'
  | 'client_ready'
  | 'no_key_for_client'
  | 'account_audience'
  | 'id_tokens_accepted'
  | 'roles_unread'
  | 'client_deprecated'
  | 'sunset_near'
  | 'sunset_past'
  | 'environments_mixed'
  | 'local_issuer_in_production'
  | 'test_environment_in_production'
  | 'proof_origin'
  | 'proof_clock'
  | 'introspection_ready'
  | 'introspection_failed'
  | 'introspection_denied'
  | 'introspection_untrustworthy'
  | 'introspection_client'
  | 'configuration_warning';

/** The severity of each finding. */
export const FINDINGS: Readonly<Record<FindingCode, FindingSeverity>> = {
  // Reaching the documents of an issuer
  discovery_found: 'ok',
  key_set_usable: 'ok',
  unreachable: 'problem',
  certificate_invalid: 'problem',
  timeout: 'problem',
  redirected: 'problem',
  not_found: 'problem',
  credentials_required: 'problem',
  http_error: 'problem',
  headers_unavailable: 'problem',
  wrong_content_type: 'problem',
  too_large: 'problem',
  not_json: 'problem',
  url_not_allowed: 'problem',
  no_jwks_uri: 'problem',
  no_key_set: 'problem',
  certificate_expiring: 'warning',
  not_https: 'warning',
  slow: 'warning',
  key_set_content_type: 'warning',
  clock_skew: 'warning',
  // Who the issuer says it is
  issuer_slash: 'problem',
  issuer_host: 'problem',
  wrong_issuer: 'problem',
  access_token_issuer: 'warning',
  // Its keys
  no_usable_key: 'problem',
  weak_key: 'problem',
  private_key_published: 'problem',
  example_key: 'problem',
  key_not_for_signatures: 'ok',
  key_type_unsupported: 'warning',
  key_algorithm_mismatch: 'warning',
  malformed_key: 'warning',
  duplicate_key_id: 'warning',
  key_without_id: 'warning',
  shared_key: 'warning',
  shared_key_set: 'warning',
  // The clients
  client_ready: 'ok',
  no_key_for_client: 'problem',
  account_audience: 'problem',
  id_tokens_accepted: 'warning',
  roles_unread: 'warning',
  client_deprecated: 'ok',
  sunset_near: 'warning',
  sunset_past: 'warning',
  // Which environment this is
  environments_mixed: 'warning',
  local_issuer_in_production: 'problem',
  test_environment_in_production: 'warning',
  // Proofs of possession
  proof_origin: 'warning',
  proof_clock: 'warning',
  // Introspection
  introspection_ready: 'ok',
  introspection_failed: 'problem',
  introspection_denied: 'problem',
  introspection_untrustworthy: 'problem',
  introspection_client: 'warning',
  // Warnings that are also logged at start
  configuration_warning: 'warning',
};

/** The client or issuer of a finding; neither for one about the whole configuration. */
export interface FindingSubject {
  readonly client?: string | undefined;
  readonly issuer?: string | undefined;
}

/** One result of an examination. */
export interface Finding extends FindingSubject {
  readonly severity: FindingSeverity;
  readonly code: FindingCode;
  /** What was found. */
  readonly message: string;
  /** What to do, and under which condition; absent where there is nothing to do. */
  readonly remedy?: string | undefined;
}

/** A finding, with the severity of its code. Its texts may repeat an issuer's answers. */
export function finding(code: FindingCode, subject: FindingSubject, message: string, remedy?: string): Finding {
  return {
    severity: FINDINGS[code],
    code,
    ...subject,
    message: printable(message),
    remedy: remedy && printable(remedy),
  };
}

/** The worst of some severities; `ok` where there are none. */
export function worstOf(findings: readonly Finding[]): FindingSeverity {
  const severities: readonly FindingSeverity[] = findings.map(({ severity }) => severity);
  return severities.includes('problem') ? 'problem' : severities.includes('warning') ? 'warning' : 'ok';
}
