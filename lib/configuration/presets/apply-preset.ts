import type { OidcClientRules } from '../client-options';
import { PRESETS } from './presets';
import type { PresetName } from './preset-name';

/** Whether there is a preset of that name. */
export function isPresetName(name: unknown): name is PresetName {
  return typeof name === 'string' && Object.hasOwn(PRESETS, name);
}

/**
 * A client's options with what its preset settles beside: whatever the client says itself, or inherits, wins. Who accepts ID
 * tokens cannot be asking for what only access tokens have.
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
