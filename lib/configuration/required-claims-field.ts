import { namesInPath } from '../core/checks/required-claims';
import { defineField, isPlainObject, list, text, type FieldCheck, type FieldFault } from './field-check';
import { mapOf, NAMES, oneOrMore, TEXT, type JsonSchema } from './json-schema';

const REMEDY =
  'give an array of names of claims, such as ["sub"], or an object from claims to the accepted value, to several, or to true for any';

/** Two integers beyond it may be one number once they are parsed. */
const MAXIMUM = Number.MAX_SAFE_INTEGER;

const VALUES: JsonSchema = oneOrMore({
  anyOf: [TEXT, { type: 'number', minimum: -MAXIMUM, maximum: MAXIMUM }, { type: 'boolean' }],
});

/** Paths without an empty name: no dot at the start, at the end, or behind another one. */
const PATHS: JsonSchema = {
  ...NAMES,
  anyOf: [{ pattern: '://' }, { pattern: '^(?!\\.)(?!.*(?<!\\\\)\\.(?:\\.|$))' }],
};

const NAMES_ALONE: FieldCheck = list(REMEDY);
const NAME: FieldCheck = text(REMEDY);

/** What `requiredClaims` must be. */
export const REQUIRED_CLAIMS: FieldCheck = defineField(
  { anyOf: [NAMES_ALONE.schema ?? {}, { ...mapOf(VALUES), propertyNames: PATHS, minProperties: 1 }] },
  (value) => (isPlainObject(value) ? findFault(value) : NAMES_ALONE(value)),
);

function findFault(claims: Readonly<Record<string, unknown>>): FieldFault | undefined {
  const entries = Object.entries(claims);
  if (entries.length === 0) {
    return ['is empty', REMEDY];
  }
  for (const [path, expected] of entries) {
    const named = JSON.stringify(path);
    const [problem] = NAME(path) ?? [];
    if (problem !== undefined) {
      return [`the claim ${named} ${problem}`, REMEDY];
    }
    if (namesInPath(path).includes('')) {
      return [
        `the path ${named} has an empty name`,
        'give names separated by one dot each, and write a dot of a name as \\.',
      ];
    }
    const values: readonly unknown[] = Array.isArray(expected) ? expected : [expected];
    if (values.length === 0) {
      return [`what ${named} must be is empty`, REMEDY];
    }
    const wrong = values.find((one) => !isComparable(one));
    if (wrong !== undefined || values.includes(undefined)) {
      return [
        `what ${named} must be is neither a string, a number nor a boolean that JSON holds exactly`,
        'give such a value, several, or true for any. Use validate for anything else',
      ];
    }
  }
  return undefined;
}

function isComparable(value: unknown): boolean {
  return (
    typeof value === 'boolean' ||
    (typeof value === 'string' && NAME(value) === undefined) ||
    (typeof value === 'number' && Math.abs(value) <= MAXIMUM)
  );
}
