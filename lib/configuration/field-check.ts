import { isJsonObject, type JsonObject } from '../core/token/json-object';

/** A field's value is right, or what is wrong with it and what would be right. */
export type FieldCheck = (value: unknown) => readonly [problem: string, remedy: string] | undefined;

/** Whether a value is a string with anything in it. */
export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** No control characters and no white space at the ends, which nobody sees and exact comparison never forgives. */
const isClean = (text: string): boolean => text.trim() === text && !/\p{Cc}/u.test(text);

/** A string with anything in it, and nothing invisible. */
export const text =
  (remedy: string): FieldCheck =>
  (value) =>
    !isText(value)
      ? [value === '' ? 'is empty' : 'is not a string', remedy]
      : isClean(value)
        ? undefined
        : ['has white space at an end, or a control character', remedy];

/** Such a string, or an array of such. */
export const textOrList =
  (remedy: string): FieldCheck =>
  (value) => {
    const members: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (members.length === 0) {
      return ['is empty', remedy];
    }
    return members.map(text(remedy)).find((fault) => fault !== undefined);
  };

/** An array of such strings. */
export const list =
  (remedy: string): FieldCheck =>
  (value) =>
    Array.isArray(value) ? textOrList(remedy)(value) : ['is not an array', remedy];

/** A boolean. */
export const flag: FieldCheck = (value) =>
  typeof value === 'boolean' ? undefined : ['is not a boolean', 'give true or false'];

/** A number within bounds, counting something. */
export const numberOf =
  (unit: string, minimum: number, maximum: number): FieldCheck =>
  (value) =>
    typeof value === 'number' && value >= minimum && value <= maximum
      ? undefined
      : [`is not a number of ${unit} from ${minimum} to ${maximum}`, 'give one, or leave it out'];

/** An object that has nothing but what it says itself: nothing inherited, and no map or date. */
function isPlainObject(value: unknown): value is JsonObject {
  const prototype: unknown = isJsonObject(value) ? Object.getPrototypeOf(value) : undefined;
  // Nothing but the prototype of all objects, of whichever realm, has none itself.
  return prototype === null || (typeof prototype === 'object' && Object.getPrototypeOf(prototype) === null);
}

/** An object from roles to one role or several. */
export const roleNames =
  (remedy: string): FieldCheck =>
  (value) => {
    if (!isPlainObject(value)) {
      return ['is not a plain object', remedy];
    }
    for (const [role, names] of Object.entries(value)) {
      const [problem] = text(remedy)(role) ?? textOrList(remedy)(names) ?? [];
      if (problem !== undefined) {
        return [`what ${JSON.stringify(role)} stands for, or that role itself, ${problem}`, remedy];
      }
    }
    return undefined;
  };

/** An object from names of claims to one value or several; for marks also to `true`, and with null among several. */
export const claimValues =
  (remedy: string, areMarks: boolean): FieldCheck =>
  (value) => {
    if (!isPlainObject(value) || Object.keys(value).length === 0) {
      return ['is not a plain object with anything in it', remedy];
    }
    for (const [claim, values] of Object.entries(value)) {
      const isAny = areMarks && values === true;
      const texts: unknown = areMarks && Array.isArray(values) ? values.filter((member) => member !== null) : values;
      const [problem] = text(remedy)(claim) ?? (isAny ? undefined : textOrList(remedy)(texts)) ?? [];
      if (problem !== undefined) {
        return [`what ${JSON.stringify(claim)} must be, or that name itself, ${problem}`, remedy];
      }
    }
    return undefined;
  };

/** An object of options, none of which is unknown: a misspelled one would silently not hold. */
export const objectOf =
  (fields: Readonly<Record<string, FieldCheck>>, remedy: string, required?: string): FieldCheck =>
  (value) => {
    if (!isPlainObject(value)) {
      return ['is not a plain object', remedy];
    }
    for (const [field, part] of Object.entries(value)) {
      const check = Object.hasOwn(fields, field) ? fields[field] : undefined;
      if (check === undefined) {
        return [`${field} is none of its options`, `give some of ${Object.keys(fields).join(', ')}`];
      }
      const [problem, what] = (part === undefined ? undefined : check(part)) ?? [];
      if (problem !== undefined && what !== undefined) {
        return [`${field} ${problem}`, what];
      }
    }
    return required !== undefined && value[required] === undefined ? [`${required} is missing`, remedy] : undefined;
  };
