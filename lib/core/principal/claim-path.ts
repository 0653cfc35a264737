import { isJsonObject, own, type JsonObject } from '../token/json-object';

/**
 * A path into the claims: a dotted string (`'realm_access.roles'`), or an array of segments for names that contain dots
 * (`['https://example.org/roles']`). Where a value is an array of objects, the path goes on in each of them: `'roles[].name'`, or
 * the same without the brackets, reads `name` of every member of `roles`.
 *
 * `<audience>`, alone or within a segment, stands for each configured audience of the client that is in the token, as in
 * `'resource_access.<audience>.roles'`.
 */
export type ClaimPath = string | readonly string[];

/** The placeholder for each of the client's audiences in the token. */
const AUDIENCE = '<audience>';

/** The segments of a claim path. */
export function segmentsOf(path: ClaimPath): readonly string[] {
  return typeof path === 'string' ? path.split('.').map((segment) => segment.replace(/\[\]$/, '')) : path;
}

/**
 * The values at a path: one, or one for each audience if the path names them. Only own properties are followed, so a path
 * cannot leave the claims.
 */
export function valuesAt(
  claims: JsonObject,
  path: readonly string[],
  audiences: readonly string[],
): readonly unknown[] {
  const [first] = path;
  if (path.length === 1 && first !== undefined && !first.includes(AUDIENCE)) {
    return [own(claims, first)];
  }
  let values: readonly unknown[] = [claims];
  for (const segment of path) {
    const names = namesOf(segment, audiences);
    const next: unknown[] = [];
    for (const value of values) {
      const isList = Array.isArray(value);
      for (const member of isList ? (value as readonly unknown[]) : [value]) {
        if (isJsonObject(member)) {
          for (const name of names) {
            const found = own(member, name);
            // In a list of objects each has one name, which may contain spaces.
            next.push(isList && typeof found === 'string' ? [found] : found);
          }
        }
      }
    }
    values = next;
  }
  return values;
}

/** The names that a segment stands for: itself, or one for each audience. */
export function namesOf(segment: string, audiences: readonly string[]): readonly string[] {
  return segment.includes(AUDIENCE)
    ? audiences.map((audience) => segment.replaceAll(AUDIENCE, () => audience))
    : [segment];
}
