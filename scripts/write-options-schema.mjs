/**
 * Writes lib/options.schema.json: what a JSON file of the module's options may hold, from the types of the options and
 * what their documentation says of bounds and defaults.
 *
 * node scripts/write-options-schema.mjs          writes the schema
 * node scripts/write-options-schema.mjs --check  exits with 1 if it is stale
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';
import ts from 'typescript';
import { DETAILS, LEFT_OUT } from './options-schema/details.mjs';
import { schemaOfText } from './options-schema/documentation.mjs';

const ROOT = new URL('..', import.meta.url);
const FILE = fileURLToPath(new URL('lib/options.schema.json', ROOT));
const SOURCE = fileURLToPath(new URL('lib/configuration/options.ts', ROOT));

const program = ts.createProgram([SOURCE], {
  strict: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  types: ['node'],
});
const checker = program.getTypeChecker();
const definitions = {};

const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
const written = await text();
if (!values.check) {
  writeFileSync(FILE, written);
} else if (readFileSync(FILE, 'utf8') !== written) {
  console.error(`${FILE} is stale: write it by npm run docs:options-schema, and look at what changed`);
  process.exitCode = 1;
}

async function text() {
  const source = program.getSourceFile(SOURCE);
  const options = source.statements.find((statement) => statement.name?.text === 'OidcMultiAuthOptions');
  const { properties, ...rest } = schemaOfInterface(checker.getTypeAtLocation(options), 'OidcMultiAuthOptions');
  const { OidcClientOptions: client, OidcClientRules: rules } = definitions;
  // Said once, for clients and for what they inherit.
  for (const field of Object.keys(client.properties).filter((name) => name in rules.properties)) {
    client.properties[field] = { $ref: `#/definitions/OidcClientRules/properties/${field}` };
  }
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Options of nestjs-oidc-multi-auth',
    description:
      'What OidcMultiAuthModule.forRoot takes and a forRootAsync factory returns, as far as JSON can say it: without ' +
      'functions and objects of the application. What options must be together is checked when the application starts.',
    ...rest,
    properties: { $schema: { type: 'string', description: 'Where this schema is, for editors.' }, ...properties },
    definitions,
  };
  return prettier.format(JSON.stringify(schema), { ...(await prettier.resolveConfig(FILE)), filepath: FILE });
}

/** An object that has the properties of an interface and no others: a misspelled option would silently not hold. */
function schemaOfInterface(type, name) {
  const properties = {};
  const required = [];
  for (const property of checker.getPropertiesOfType(type)) {
    const path = `${name}.${property.name}`;
    const schema = LEFT_OUT.has(property.name) ? undefined : schemaOf(checker.getTypeOfSymbol(property), path);
    if (schema !== undefined) {
      const description = ts.displayPartsToString(property.getDocumentationComment(checker)).replace(/\s+/g, ' ');
      properties[property.name] = { description, ...schemaOfText(description, schema), ...DETAILS[path] };
      if (!(property.flags & ts.SymbolFlags.Optional)) {
        required.push(property.name);
      }
    }
  }
  const isOpen = DETAILS[name]?.additionalProperties === true;
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}), additionalProperties: isOpen };
}

/** The schema of a type; undefined for what JSON cannot say: functions, dates, bytes. */
function schemaOf(type, path) {
  if (type.isUnion()) {
    return schemaOfUnion(type, path);
  }
  if (type.flags & ts.TypeFlags.String) {
    return { type: 'string', ...(DETAILS[`${path}:string`] ?? DETAILS.string) };
  }
  if (type.flags & ts.TypeFlags.Number) {
    return { type: 'number' };
  }
  if (type.flags & ts.TypeFlags.Null) {
    return { type: 'null' };
  }
  if (type.isStringLiteral()) {
    return { enum: [type.value] };
  }
  if (checker.isArrayType(type)) {
    const [member] = checker.getTypeArguments(type);
    const items = schemaOf(member, path);
    return items && { type: 'array', items, minItems: 1 };
  }
  if (type.flags & ts.TypeFlags.NonPrimitive) {
    return { type: 'object' };
  }
  const index = checker.getIndexTypeOfType(type, ts.IndexKind.String);
  if (index !== undefined) {
    return { type: 'object', propertyNames: DETAILS.string, additionalProperties: schemaOf(index, path) };
  }
  const name = type.symbol?.name;
  if (!type.isClassOrInterface() || !isOurs(type.symbol)) {
    return undefined;
  }
  definitions[name] ??= schemaOfInterface(type, name);
  return { $ref: `#/definitions/${name}` };
}

function schemaOfUnion(type, path) {
  const members = type.types.filter((member) => !(member.flags & ts.TypeFlags.Undefined));
  const literals = members.filter((member) => member.isStringLiteral()).map(({ value }) => value);
  const booleans = members.filter((member) => member.flags & ts.TypeFlags.BooleanLiteral);
  const others = members
    .filter((member) => !member.isStringLiteral() && !(member.flags & ts.TypeFlags.BooleanLiteral))
    .map((member) => schemaOf(member, path))
    .filter((schema) => schema !== undefined);
  const schemas = [
    ...(booleans.length > 1 ? [{ type: 'boolean' }] : booleans.map(constant)),
    ...(literals.length > 0 ? [{ enum: literals }] : []),
    ...others,
  ];
  return schemas.length > 1 ? { anyOf: schemas } : schemas[0];
}

/** `true` or `false` alone. */
function constant(type) {
  return { const: checker.typeToString(type) === 'true' };
}

function isOurs(symbol) {
  return symbol.declarations.every((declaration) =>
    declaration.getSourceFile().fileName.includes('/lib/configuration/'),
  );
}
