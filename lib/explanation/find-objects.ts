import { isJsonObject, type JsonObject } from '../core/token/json-object';
import { BOUNDS, segmentsShown } from './find-name';

/** Where a name stands in a shape that is not read, and what would read it. */
export interface NameInObjects {
  /** The path as options spell it. */
  readonly path: string;
  /** What stands there, in few words. */
  readonly shape: string;
  /** What to give as `roles`: a path, or a function that reads the names there. */
  readonly reader: string;
}

/**
 * Finds a name in shapes that name readers do not read: a list of objects that have it as a value (`[{ name: 'x' }]`) or as a
 * member (`[{ x: {} }]`), and an object with other values than objects (`{ x: true }`).
 */
export function findInObjects(claims: JsonObject, name: string): NameInObjects | undefined {
  const open: { readonly value: unknown; readonly path: readonly string[] }[] = [{ value: claims, path: [] }];
  for (let at = 0; at < Math.min(open.length, BOUNDS.places); at += 1) {
    const { value, path } = open[at] ?? { value: undefined, path: [] };
    const found = path.length === 0 ? undefined : readShape(value, path, name);
    if (found !== undefined) {
      return found;
    }
    if (isJsonObject(value) && path.length < BOUNDS.depth) {
      for (const [segment, member] of Object.entries(value)) {
        open.push({ value: member, path: [...path, segment] });
      }
    }
  }
  return undefined;
}

function readShape(value: unknown, path: readonly string[], name: string): NameInObjects | undefined {
  const spelled = segmentsShown(path);
  const access = `claims${path.map((segment) => `[${JSON.stringify(segment)}]`).join('')}`;
  if (Array.isArray(value)) {
    const objects = value.filter(isJsonObject);
    const member = objects.flatMap((object) => Object.keys(object).filter((key) => object[key] === name))[0];
    if (member !== undefined) {
      return {
        path: spelled,
        shape: `a list of objects that have it in ${JSON.stringify(member)}`,
        reader: [...path, member].every((segment) => /^[^.<>[\]]+$/.test(segment))
          ? `'${path.join('.')}[].${member}'`
          : `[[${[...path, member].map((segment) => JSON.stringify(segment)).join(', ')}]]`,
      };
    }
    return objects.some((object) => Object.hasOwn(object, name))
      ? {
          path: spelled,
          shape: 'a list of objects that have it as the name of a member',
          reader: `(claims) => ${access}.flatMap((entry) => Object.keys(entry))`,
        }
      : undefined;
  }
  return isJsonObject(value) && Object.hasOwn(value, name) && !Object.values(value).every(isJsonObject)
    ? {
        path: spelled,
        shape: 'an object that has it as the name of a member, with values that are not all objects',
        reader: `(claims) => Object.keys(${access})`,
      }
    : undefined;
}
