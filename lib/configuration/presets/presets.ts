import { MICROSOFT } from './microsoft';
import type { Preset } from './preset';
import type { PresetName } from './preset-name';
import { SELF_HOSTED } from './self-hosted';
import { SERVICES } from './services';

/**
 * Every preset by its name. Presets are data: a client could have written the same options itself. The source of each fact is in
 * docs/providers.md.
 *
 * @internal
 */
export const PRESETS: Readonly<Record<PresetName, Preset>> = { ...SERVICES, ...MICROSOFT, ...SELF_HOSTED };

/**
 * The names of all presets, in alphabetical order.
 *
 * @internal
 */
export const PRESET_NAMES: readonly PresetName[] = Object.keys(PRESETS).filter(isPresetName).toSorted();

/** Whether there is a preset of that name. */
export function isPresetName(name: unknown): name is PresetName {
  return typeof name === 'string' && Object.hasOwn(PRESETS, name);
}
