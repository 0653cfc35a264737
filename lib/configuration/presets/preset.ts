import type { OidcClientRules } from '../client-options';

/**
 * The options that a preset may set for a client. The client could have written each of them itself.
 *
 * @internal
 */
export type PresetSettings = Pick<
  OidcClientRules,
  | 'acceptIdTokens'
  | 'accessTokenClaims'
  | 'audienceClaim'
  | 'authorizedPartyClaim'
  | 'refusedClaims'
  | 'roles'
  | 'scopes'
>;

/**
 * What is known of a provider: data only. Nothing here depends on a token.
 *
 * @internal
 */
export interface Preset {
  /** The provider's name, for messages. */
  readonly provider: string;
  /** The company, where it has several products that are confused with each other. */
  readonly maker?: string;
  /** Every form that its issuers can have, as `matchesForm` reads them. Absent where an administrator may choose any. */
  readonly issuerForms?: readonly string[];
  /** Forms of issuers on the provider's own hosts. Only this product has them. */
  readonly hostedForms?: readonly string[];
  readonly settings: PresetSettings;
}
