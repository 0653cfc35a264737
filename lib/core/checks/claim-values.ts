import { own, type JsonObject } from '../token/json-object';

/**
 * Claims, each with the values in question, undefined among them for a claim that is absent; no values where any but null is.
 *
 * @internal
 */
export type ClaimValues = ReadonlyMap<string, ReadonlySet<unknown> | undefined>;

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

/** Whether a claim has one of these values; any, where none are given. Null is as good as absent. */
function hasValue(claims: JsonObject, claim: string, values: ReadonlySet<unknown> | undefined): boolean {
  const value = own(claims, claim) ?? undefined;
  return values === undefined ? value !== undefined : values.has(value);
}
