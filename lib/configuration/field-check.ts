import { isJsonObject, type JsonObject } from '../core/token/json-object';
import { arrayOf, CLEAN_TEXT, mapOf, oneOrMore, TEXT, WEB_URL, type JsonSchema } from './json-schema';

/** What is wrong with the value of a field, and what would be right. */
export type FieldFault = readonly [problem: string, remedy: string];

/** Finds what is wrong with the value of a field. */
export type FieldJudge = (value: unknown) => FieldFault | undefined;

/**
 * The definition of a field: a function that finds what is wrong with a value, and the JSON schema of the values that it
 * accepts. Where JSON cannot hold such a value (a function, a class), the schema is undefined.
 */
export interface FieldCheck extends FieldJudge {
  readonly schema: JsonSchema | undefined;
}

/** A check of one's own. Give what JSON Schema can say of the value, or undefined if JSON cannot hold it. */
export function defineField(schema: JsonSchema | undefined, judge: FieldJudge): FieldCheck {
  return Object.assign((value: unknown) => judge(value), { schema });
}

/** A check, and another rule for what passes it. `more` is what JSON Schema can say of the rule. */
export function refined(check: FieldCheck, rule: FieldJudge, more: JsonSchema = {}): FieldCheck {
  return defineField(check.schema && { ...check.schema, ...more }, (value) => check(value) ?? rule(value));
}

/** Whether a value is a string with anything in it. */
export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** A string with anything in it, no control characters, and no white space at the ends. */
export function text(remedy: string): FieldCheck {
  return defineField(TEXT, (value) =>
    !isText(value)
      ? [value === '' ? 'is empty' : 'is not a string', remedy]
      : CLEAN_TEXT.test(value)
        ? undefined
        : ['has white space at an end, or a control character', remedy],
  );
}

/** What the parser of URLs repairs, and JSON Schema cannot: white space, and slashes that are missing or too many. */
const REPAIRED = /^https?:(?!\/\/[^/])|\s/i;

/** An absolute URL. Whether it may be fetched is checked with the client, whose `allowInsecureHttp` matters. */
export function webUrl(remedy: string): FieldCheck {
  const spelled = text(remedy);
  return defineField(
    WEB_URL,
    (value) =>
      spelled(value) ?? (REPAIRED.test(String(value)) ? ['is not written like https://host/path', remedy] : undefined),
  );
}

/** A string that a regular expression describes. Its flags must not change what it matches in a JSON schema. */
export function textLike(pattern: RegExp, problem: string, remedy: string): FieldCheck {
  return defineField({ type: 'string', pattern: pattern.source }, (value) =>
    typeof value === 'string' && pattern.test(value) ? undefined : [problem, remedy],
  );
}

/** Such a string as `text`, or an array of at least one. */
export function textOrList(remedy: string): FieldCheck {
  const member = text(remedy);
  return defineField(oneOrMore(TEXT), (value) => {
    const members: readonly unknown[] = Array.isArray(value) ? value : [value];
    return members.length === 0
      ? ['is empty', remedy]
      : members.map((each) => member(each)).find((fault) => fault !== undefined);
  });
}

/** An array of at least one such string as `text`. */
export function list(remedy: string): FieldCheck {
  const members = textOrList(remedy);
  return defineField(arrayOf(TEXT), (value) => (Array.isArray(value) ? members(value) : ['is not an array', remedy]));
}

/** One of these strings. */
export function oneOf(
  values: readonly string[],
  remedy: string,
  problem: (value: unknown) => string = (value) => `is ${JSON.stringify(value)}`,
): FieldCheck {
  return defineField({ enum: values }, (value) =>
    typeof value === 'string' && values.includes(value) ? undefined : [problem(value), remedy],
  );
}

/** A boolean. */
export const flag: FieldCheck = defineField({ type: 'boolean' }, (value) =>
  typeof value === 'boolean' ? undefined : ['is not a boolean', 'give true or false'],
);

/** The bounds of a number, both included, and what it counts. */
export interface NumberBounds {
  readonly unit: string;
  readonly minimum: number;
  readonly maximum: number;
}

/** A number within bounds. */
export function number(
  { unit, minimum, maximum }: NumberBounds,
  remedy: string = 'give one, or leave it out',
): FieldCheck {
  return defineField({ type: 'number', minimum, maximum }, (value) =>
    typeof value === 'number' && value >= minimum && value <= maximum
      ? undefined
      : [`is not a number of ${unit} from ${minimum} to ${maximum}`, remedy],
  );
}

/** A function, which no JSON can hold. */
export function functionField(remedy: string): FieldCheck {
  return defineField(undefined, (value) => (typeof value === 'function' ? undefined : ['is not a function', remedy]));
}

/** An object that has only members of its own: nothing inherited, and no map or date. */
export function isPlainObject(value: unknown): value is JsonObject {
  const prototype: unknown = isJsonObject(value) ? Object.getPrototypeOf(value) : undefined;
  // Only the prototype of all objects, of any realm, has no prototype itself.
  return prototype === null || (typeof prototype === 'object' && Object.getPrototypeOf(prototype) === null);
}

/** An object from roles to one role or several. */
export function roleNames(remedy: string): FieldCheck {
  const one = text(remedy);
  const several = textOrList(remedy);
  return defineField(mapOf(oneOrMore(TEXT)), (value) => {
    if (!isPlainObject(value)) {
      return ['is not a plain object', remedy];
    }
    for (const [role, names] of Object.entries(value)) {
      const [problem] = one(role) ?? several(names) ?? [];
      if (problem !== undefined) {
        return [`what ${JSON.stringify(role)} stands for, or that role itself, ${problem}`, remedy];
      }
    }
    return undefined;
  });
}

/** An object from names of claims to one value or several; for marks also to `true`, and with null among several. */
export function claimValues(remedy: string, areMarks: boolean): FieldCheck {
  const one = text(remedy);
  const several = textOrList(remedy);
  const values: JsonSchema = areMarks
    ? { anyOf: [{ const: true }, TEXT, { ...arrayOf({ anyOf: [{ type: 'null' }, TEXT] }), contains: TEXT }] }
    : oneOrMore(TEXT);
  return defineField({ ...mapOf(values), minProperties: 1 }, (value) => {
    if (!isPlainObject(value) || Object.keys(value).length === 0) {
      return ['is not a plain object with anything in it', remedy];
    }
    for (const [claim, expected] of Object.entries(value)) {
      const isAny = areMarks && expected === true;
      const texts: unknown =
        areMarks && Array.isArray(expected) ? expected.filter((member) => member !== null) : expected;
      const [problem] = one(claim) ?? (isAny ? undefined : several(texts)) ?? [];
      if (problem !== undefined) {
        return [`what ${JSON.stringify(claim)} must be, or that name itself, ${problem}`, remedy];
      }
    }
    return undefined;
  });
}

/** An object of options. An unknown option is a fault, because a misspelled one would silently not apply. */
export function objectOf(fields: Readonly<Record<string, FieldCheck>>, remedy: string, required?: string): FieldCheck {
  return defineField(objectSchema(fields, required === undefined ? [] : [required]), (value) => {
    if (!isPlainObject(value)) {
      return ['is not a plain object', remedy];
    }
    for (const [name, part] of Object.entries(value)) {
      const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (check === undefined) {
        return [`${name} is none of its options`, `give some of ${Object.keys(fields).join(', ')}`];
      }
      const [problem, what] = (part === undefined ? undefined : check(part)) ?? [];
      if (problem !== undefined && what !== undefined) {
        return [`${name} ${problem}`, what];
      }
    }
    return required !== undefined && value[required] === undefined ? [`${required} is missing`, remedy] : undefined;
  });
}

/** The schema of an object that has these fields, those that JSON can hold, and no others. */
export function objectSchema(
  fields: Readonly<Record<string, FieldCheck>>,
  required: readonly string[] = [],
): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const [name, { schema }] of Object.entries(fields)) {
    if (schema !== undefined) {
      properties[name] = schema;
    }
  }
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

/** What undici calls a dispatcher, which JSON cannot hold. */
export const DISPATCHER: FieldCheck = defineField(undefined, (value) =>
  typeof value === 'object' && value !== null && 'dispatch' in value
    ? undefined
    : ['is not an undici dispatcher', 'give one, such as new ProxyAgent(...)'],
);
