import type { ExplanationHint, ExplanationHintCode } from './explanation';

/**
 * A possible cause.
 *
 * @param evidence what was found, without a full stop.
 * @param remedy what to change, or what to compare.
 */
export function hint(code: ExplanationHintCode, evidence: string, remedy: string): ExplanationHint {
  return { code, evidence, text: `${evidence}. ${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}` };
}
