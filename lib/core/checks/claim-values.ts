import { own, type JsonObject } from '../token/json-object';

/**
 * Claims and their values. `undefined` among the values stands for an absent claim. No set of values stands for any value
 * but null.
 *
 * @internal
 */
export type ClaimValues = ReadonlyMap<string, ReadonlySet<unknown> | undefined>;

/**
 * The first claim that has one of its values, or, with `isThere` false, the first that has none of them.
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

/** Whether a claim has one of these values, or any value if none are given. Null counts as absent. */
function hasValue(claims: JsonObject, claim: string, values: ReadonlySet<unknown> | undefined): boolean {
  const value = own(claims, claim) ?? undefined;
  return values === undefined ? value !== undefined : values.has(value);
}
