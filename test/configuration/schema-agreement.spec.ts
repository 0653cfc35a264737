import { Ajv } from 'ajv';
import { generateKeyPairSync } from 'node:crypto';
import { CLIENT_FIELDS } from '../../lib/configuration/client-fields';
import { OidcConfigurationError } from '../../lib/configuration/configuration-error';
import type { FieldCheck } from '../../lib/configuration/field-check';
import type { JsonSchema } from '../../lib/configuration/json-schema';
import { MODULE_FIELDS } from '../../lib/configuration/module-fields';
import { PRESETS } from '../../lib/configuration/presets/presets';
import { resolveConfiguration } from '../../lib/configuration/resolve-configuration';

const GOOD = { name: 'a', audience: 'aud-a', issuer: 'https://sso.example/auth/realms/standard' };
const { publicKey } = generateKeyPairSync('ed25519');
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** Without `allowInsecureHttp`, http is for localhost only. */
const INSECURE = 'http://sso.example';

/** Strings at, inside and outside the bounds of each kind of string. */
const TEXTS = [
  ['', ' ', 'a', 'a b', ' a', 'a ', 'a\u00a0', 'a\tb', 'a\u0085b', 'é', 'a"b', 'a\\b', 'a;b', '~', '\u007f', '../a'],
  [
    'a.b',
    'a..b',
    '.a',
    'a.',
    'true',
    '1',
    'none',
    '__Host-token',
    'Authorization',
    'a-1',
    'A_1',
    '-a',
    'claims => true',
    'RS256',
    'rs256',
  ],
  [
    'https://sso.example',
    'HTTPS://sso.example',
    'https://SSO.example',
    'https://sso.example/',
    'https://sso.example/x',
  ],
  ['https://sso.example:8443', 'https://sso.example/x?y=z', 'https://sso.example/x#y', 'https://sso.example/x y'],
  [
    'https://sso.example/x;y',
    'https://',
    'https:/sso.example',
    'https:///sso.example',
    'sso.example/x',
    '//sso.example',
    'file:///x',
    'ftp://sso.example',
  ],
  ['http://localhost:3000', 'http://[::1]:3000/x', 'http://127.0.0.1', 'urn:a:b'],
  ['https://user:secret@sso.example', 'https://sso.example/x@y', INSECURE],
  ['2026-01-31', '2026-01-31T08:00Z', '2026-01-31T08:00:00.5+01:00', '2026-01-31T08:00', '31.1.2026', '2026-1-31'],
  [PEM, `${PEM}${PEM}`, '-----BEGIN-----', 'enforce', 'report', 'off', 'rfc9068', 'code', 'description', 'all'],
  Object.keys(PRESETS),
].flat();

/** A value of each kind, and arrays and objects of them. */
const VALUES: readonly unknown[] = [
  ...TEXTS,
  null,
  true,
  false,
  0,
  1,
  -1,
  0.5,
  30,
  300,
  1e6,
  1e12,
  [],
  {},
  [[]],
  [{}],
  [null],
  [1],
  [true],
  [''],
  ['a', 1],
  ['a', null],
  ['a', 'a'],
  ['a', ''],
  [['a', 'b.c'], 'd'],
  ['https://sso.example', 'https://sso.example/'],
  ...TEXTS.map((text) => [text]),
  ...TEXTS.map((text) => [[text]]),
  ...TEXTS.map((text) => ({ [text]: 'x' })),
  ...['a', 'x', 'a ', '', 1, null, true, false, [], ['b'], ['b', 1], ['b', null], [null], ['b', ''], {}].map(
    (value) => ({
      x: value,
    }),
  ),
  ...[[], {}, 'a', [1], [publicKey.export({ format: 'jwk' })]].map((keys) => ({ keys, more: 1 })),
];

/** A good value for each member that an object of options must have. */
const REQUIRED = { since: '2020-01-31', resource: 'https://api.example/mines' };

/** What JSON Schema cannot say: values that the schema accepts and the library refuses. */
const ONLY_THE_LIBRARY: Readonly<Record<string, readonly unknown[]>> = {
  discoveryUrl: [INSECURE],
  jwksUri: [INSECURE],
  jwksUriOrigin: [INSECURE],
  // A key that is none.
  jwks: [{ keys: [{}] }],
  // A source of its own has that name.
  tokenSources: [{ header: 'Authorization' }],
  resourceMetadata: [
    { resource: INSECURE },
    // One path twice.
    { resource: ['https://sso.example', 'https://sso.example/'] },
    { resource: [INSECURE] },
    ...['resourceDocumentation', 'resourcePolicyUri', 'resourceTosUri'].map((field) => ({
      resource: REQUIRED.resource,
      [field]: INSECURE,
    })),
  ],
  proofOfPossession: [{ origins: [INSECURE] }],
  // A circle.
  roleHierarchy: [{ x: 'x' }],
};

const ajv = new Ajv({ strict: true, allErrors: true });

/** Fields whose URLs are checked together with the client, not by themselves. */
const WITH_CLIENT = new Set(['discoveryUrl', 'jwksUri', 'jwksUriOrigin']);

function isAccepted(field: string, check: FieldCheck, value: unknown): boolean {
  if (!WITH_CLIENT.has(field)) {
    return check(value) === undefined;
  }
  try {
    resolveConfiguration({ clients: [{ ...GOOD, [field]: value }] });
    return true;
  } catch (error) {
    if (error instanceof OidcConfigurationError) {
      return false;
    }
    throw error;
  }
}

/** The values to try: all kinds, the bounds of numbers, and for an object all of these in each of its members. */
function samplesOf(schema: JsonSchema): unknown[] {
  const object = schema.properties === undefined ? schema.anyOf?.find(({ properties }) => properties) : schema;
  return [
    ...VALUES,
    ...boundsOf(schema),
    ...(schema.enum ?? []).filter((value) => !VALUES.includes(value)),
    ...Object.entries(object?.properties ?? {}).flatMap(([name, member]) =>
      samplesOf(member)
        .map((value) => ({ ...REQUIRED, [name]: value }))
        .map((sample) => only(sample, object, name)),
    ),
    ...pairsOf(Object.keys(object?.properties ?? {})),
  ];
}

/** Objects of two members each, for rules about members together. */
function pairsOf(names: readonly string[]): object[] {
  const values = [false, true, 'x', 'report', 'rfc9068', 60];
  return names.flatMap((one, index) =>
    names
      .slice(index + 1)
      .flatMap((other) => values.flatMap((first) => values.map((second) => ({ [one]: first, [other]: second })))),
  );
}

function only(sample: Readonly<Record<string, unknown>>, object: JsonSchema | undefined, name: string): object {
  return Object.fromEntries(
    Object.entries(sample).filter(([member]) => member === name || object?.required?.includes(member)),
  );
}

function boundsOf({ minimum, maximum }: JsonSchema): number[] {
  return minimum === undefined || maximum === undefined
    ? []
    : [minimum, maximum, (minimum + maximum) / 2, minimum - 0.01, maximum + 0.01, -maximum];
}

describe.each<[string, Readonly<Record<string, FieldCheck>>]>([
  ['a client', CLIENT_FIELDS],
  ['the module', MODULE_FIELDS],
])('each option of %s', (_what, fields) => {
  const checks = Object.entries(fields).flatMap(([field, check]) =>
    check.schema === undefined ? [] : [{ field, check, schema: check.schema }],
  );

  it.each(checks)('$field is judged alike by its check and its schema', ({ field, check, schema }) => {
    const accepts = ajv.compile(schema);
    const samples = samplesOf(schema).map((value) => ({
      value,
      schema: accepts(value),
      library: isAccepted(field, check, value),
    }));
    expect(samples.filter(({ library }) => library)).not.toEqual([]);
    expect(samples.filter((sample) => !sample.schema)).not.toEqual([]);
    expect(samples.filter((sample) => sample.library && !sample.schema)).toEqual([]);
    expect(samples.filter((sample) => sample.schema && !sample.library).map(({ value }) => value)).toEqual(
      ONLY_THE_LIBRARY[field] ?? [],
    );
  });
});
