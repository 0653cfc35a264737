/**
 * Writes lib/options.schema.json: what a JSON file of the module's options may hold. The field tables that check the options
 * when the application starts say what each value may be; run `npm run build` first, because they are read from dist/. The
 * types of the options give the description of each option, and its default.
 *
 * node scripts/write-options-schema.mjs          writes the schema
 * node scripts/write-options-schema.mjs --check  exits with 1 if it is stale
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';
import { Documentation } from './options-schema/documentation.mjs';
import { described } from './options-schema/described.mjs';

const ROOT = new URL('..', import.meta.url);
const FILE = fileURLToPath(new URL('lib/options.schema.json', ROOT));
const SOURCE = fileURLToPath(new URL('lib/configuration/options.ts', ROOT));

const require = createRequire(import.meta.url);
const compiled = (name) => require(fileURLToPath(new URL(`dist/configuration/${name}.js`, ROOT)));
const { CLIENT_FIELDS, REQUIRED_FIELDS } = compiled('client-fields');
const { OWN_FIELDS } = compiled('check-client');
const { MODULE_FIELDS } = compiled('module-fields');
const { objectSchema } = compiled('field-check');
const { arrayOf } = compiled('json-schema');

const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
const written = await text();
if (!values.check) {
  writeFileSync(FILE, written);
} else if (readFileSync(FILE, 'utf8') !== written) {
  console.error(`${FILE} is stale: write it by npm run docs:options-schema, and look at what changed`);
  process.exitCode = 1;
}

/** What the tables say, without descriptions. */
function schemaOfTables() {
  const rules = Object.entries(CLIENT_FIELDS).filter(([name]) => !OWN_FIELDS.has(name));
  return objectSchema(
    {
      ...MODULE_FIELDS,
      clients: { schema: arrayOf(objectSchema(CLIENT_FIELDS, REQUIRED_FIELDS)) },
      defaults: { schema: objectSchema(Object.fromEntries(rules)) },
    },
    ['clients'],
  );
}

async function text() {
  const { properties, definitions, ...rest } = described(
    schemaOfTables(),
    'OidcMultiAuthOptions',
    new Documentation(SOURCE),
  );
  const { OidcClientOptions: client, OidcClientRules: rules } = definitions;
  // Clients and defaults share these options, which the schema writes once.
  for (const name of Object.keys(client.properties).filter((each) => each in rules.properties)) {
    client.properties[name] = { $ref: `#/definitions/OidcClientRules/properties/${name}` };
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
