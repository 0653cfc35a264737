import { isJsonObject, own, type JsonObject } from '../token/json-object';

/** A value that a claim is compared with. */
export type ClaimScalar = string | number | boolean;

/**
 * A claim that a token must have.
 *
 * @internal
 */
export interface RequiredClaim {
  /** As it is configured, for messages. */
  readonly name: string;
  /** The names from the claims down to the value. */
  readonly path: readonly string[];
  /** The accepted values; undefined for any but null. */
  readonly values: ReadonlySet<unknown> | undefined;
}

/**
 * Whether required claims are a list of names.
 *
 * @internal
 */
export function isNameList(
  required: readonly string[] | Readonly<Record<string, unknown>>,
): required is readonly string[] {
  return Array.isArray(required);
}

/**
 * The names in a path such as `realm.name`. A dot in a name has a backslash before it: `kubernetes\.io.namespace`. A path with
 * `://` is one name, because names of claims that are URIs (RFC 7519 section 4.2) contain dots.
 *
 * @internal
 */
export function namesInPath(path: string): readonly string[] {
  return path.includes('://') ? [path] : path.split(/(?<!\\)\./).map((name) => name.replaceAll('\\.', '.'));
}

/**
 * The value at a path. Only own properties of objects are followed.
 *
 * @internal
 */
export function valueAt(claims: JsonObject, path: readonly string[]): unknown {
  let value: unknown = claims;
  for (const name of path) {
    value = isJsonObject(value) ? own(value, name) : undefined;
  }
  return value;
}

/**
 * The first required claim that is missing, or has none of its values. Of an array, one member suffices.
 *
 * @internal
 */
export function findUnmetClaim(claims: JsonObject, required: readonly RequiredClaim[]): RequiredClaim | undefined {
  return required.find(({ path, values }) => {
    const value = valueAt(claims, path) ?? undefined;
    if (value === undefined || values === undefined) {
      return value === undefined;
    }
    return Array.isArray(value) ? !value.some((member) => values.has(member)) : !values.has(value);
  });
}
