import type { ExplanationHint, ExplanationHintCode } from './explanation';

/**
 * A possible cause.
 *
 * @param evidence what was found, without an end.
 * @param remedy what to change, or what to compare.
 */
export function hint(code: ExplanationHintCode, evidence: string, remedy: string): ExplanationHint {
  return { code, evidence, text: `${evidence}: ${remedy}` };
}
