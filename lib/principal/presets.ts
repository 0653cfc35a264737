import type { ClaimPath } from './claim-path';

/** What is known of a provider. */
export interface Preset {
  readonly roles: readonly ClaimPath[];
  readonly scopes?: readonly ClaimPath[];
}

/** The name of a provider whose tokens this library knows how to read. */
export type PresetName = 'gold-sso' | 'keycloak';

/** Presets are data: what is written here could be written in a client's own options. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  /** BC Gov Gold SSO, the Keycloak realm `standard`: flat `client_roles` of the token's own client. */
  'gold-sso': { roles: ['client_roles'] },
  /** Keycloak as it comes: roles of the realm, and roles granted at the audiences that the token is for. */
  keycloak: { roles: ['realm_access.roles', 'resource_access.<audience>.roles'] },
};
