/** What an option may be in a JSON file: the part of JSON Schema (draft 7) that the options need. */
export interface JsonSchema {
  readonly type?: 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';
  readonly const?: boolean;
  readonly enum?: readonly string[];
  readonly not?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly contains?: JsonSchema;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly minProperties?: number;
  readonly required?: readonly string[];
}

/** No control characters, and no white space at the ends: nobody sees them, and exact comparison never forgives them. */
// oxlint-disable-next-line no-control-regex
export const CLEAN_TEXT: RegExp = /^(?!\s)[^\u0000-\u001f\u007f-\u009f]*(?<!\s)$/u;
const CLEAN = CLEAN_TEXT.source;

/** A string with anything in it, and nothing invisible. */
export const TEXT: JsonSchema = { type: 'string', minLength: 1, pattern: CLEAN };

/** The names of the members of an object: such strings, which need no type. */
export const NAMES: JsonSchema = { minLength: 1, pattern: CLEAN };

/** An absolute URL of http or https, without credentials. Whether it may be fetched is checked with the client. */
export const WEB_URL: JsonSchema = {
  type: 'string',
  minLength: 1,
  pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/?#@]+([/?#]\\S*)?$',
};

/** An array of at least one member. */
export function arrayOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items, minItems: 1 };
}

/** A value, or an array of at least one such value. */
export function oneOrMore(member: JsonSchema): JsonSchema {
  return { anyOf: [member, arrayOf(member)] };
}

/** An object from names to such values. */
export function mapOf(value: JsonSchema): JsonSchema {
  return { type: 'object', propertyNames: NAMES, additionalProperties: value };
}
