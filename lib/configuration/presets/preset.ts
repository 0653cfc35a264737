import type { OidcClientRules } from '../client-options';

/**
 * What a preset may settle for a client: options that the client could have written itself.
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
 * What is known of a provider: data, and nothing that depends on a token.
 *
 * @internal
 */
export interface Preset {
  /** What the provider is called. */
  readonly provider: string;
  /** The forms that its issuers have, as `matchesForm` reads them; absent where an administrator chooses freely. */
  readonly issuerForms?: readonly string[];
  readonly settings: PresetSettings;
}
