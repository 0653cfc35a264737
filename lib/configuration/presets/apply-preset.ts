import type { OidcClientRules } from '../client-options';
import { isPresetName, PRESETS } from './presets';

/**
 * A client's options, completed by those of its preset. What the client says or inherits overrides the preset. A client that accepts
 * ID tokens gets no claims that only access tokens have.
 */
export function applyPreset<Options extends Pick<OidcClientRules, 'preset' | 'acceptIdTokens'>>(
  options: Options,
): Options & OidcClientRules {
  if (!isPresetName(options.preset)) {
    return options;
  }
  const { accessTokenClaims, ...settings } = PRESETS[options.preset].settings;
  const own = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const marks = options.acceptIdTokens === true || accessTokenClaims === undefined ? {} : { accessTokenClaims };
  return { ...settings, ...marks, ...own } as Options & OidcClientRules;
}
