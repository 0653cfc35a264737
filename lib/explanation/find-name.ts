import { namesIn } from '../core/principal/names';
import { isJsonObject, type JsonObject } from '../core/token/json-object';
import { shown } from './wording';

/** How deep, and at how many places, a name is looked for. Claims may be nested as deep as a token is long. */
export const BOUNDS = { depth: 6, places: 10_000 } as const;

/**
 * Where in the claims a name is, read as names of roles or scopes are: the path as options spell it, or undefined. Of several the
 * one nearest to the top.
 */
export function findName(claims: JsonObject, name: string): string | undefined {
  const open: { readonly value: unknown; readonly path: readonly string[] }[] = [{ value: claims, path: [] }];
  for (let at = 0; at < Math.min(open.length, BOUNDS.places); at += 1) {
    const { value, path } = open[at] ?? { value: undefined, path: [] };
    if (path.length > 0 && namesIn(value).includes(name)) {
      return segmentsShown(path);
    }
    if (isJsonObject(value) && path.length < BOUNDS.depth) {
      for (const [segment, member] of Object.entries(value)) {
        open.push({ value: member, path: [...path, segment] });
      }
    }
  }
  return undefined;
}

/** A claim path as options take it: dotted, or in segments where a name has dots itself. */
export function segmentsShown(path: readonly string[]): string {
  return path.some((segment) => segment.includes('.')) ? shown([path]) : shown(path.join('.'));
}
