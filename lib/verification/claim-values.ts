import { own, type JsonObject } from '../token/json-object';

/**
 * Claims, each with the values in question; undefined where any value but null is.
 *
 * @internal
 */
export type ClaimValues = ReadonlyMap<string, ReadonlySet<string> | undefined>;

/**
 * The first of these claims that is there with a value in question, or, where that is asked for, that is not.
 *
 * @internal
 */
export function findClaim(claims: JsonObject, wanted: ClaimValues, isThere: boolean): string | undefined {
  for (const [claim, values] of wanted) {
    if (hasValue(claims, claim, values) === isThere) {
      return claim;
    }
  }
  return undefined;
}

/** Whether a claim is there with one of these values, as a string; with any, where none are given. */
function hasValue(claims: JsonObject, claim: string, values: ReadonlySet<string> | undefined): boolean {
  const value = own(claims, claim) ?? null;
  return values === undefined ? value !== null : typeof value === 'string' && values.has(value);
}
