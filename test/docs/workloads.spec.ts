import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import * as library from 'nestjs-oidc-multi-auth';
import * as testing from 'nestjs-oidc-multi-auth/testing';
import ts from 'typescript';
import type { OidcClientOptions } from '../../lib';
import { createSigningKey, signJwt, type SigningKey } from '../../lib/testing/signing-key';
import { runtimeOf } from '../explanation/explain-with';

const PAGE = readFileSync(join(__dirname, '../../docs/workloads.md'), 'utf8');
const requireOther = createRequire(__filename);

interface Exported {
  readonly client?: OidcClientOptions;
  readonly example?: () => Promise<number[]>;
}

/** Runs the TypeScript of a section of the page. */
function run(section: string): Exported {
  const text = PAGE.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  const [, code = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(text) ?? [];
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, experimentalDecorators: true },
  });
  const exported: Exported = {};
  const known: Readonly<Record<string, unknown>> = {
    'nestjs-oidc-multi-auth': library,
    'nestjs-oidc-multi-auth/testing': testing,
  };
  const load = (name: string): unknown => known[name] ?? requireOther(name);
  runInNewContext(outputText, { exports: exported, require: load, fetch });
  return { ...exported, ...(exported.client && { client: ownCopy(exported.client) }) };
}

/** Objects of another realm are objects of this one once they are copied. */
function ownCopy<Value>(value: Value): Value;
function ownCopy(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((member: unknown) => ownCopy(member));
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, ownCopy(member)]))
    : value;
}

let key: SigningKey;
beforeAll(async () => {
  key = await createSigningKey('RS256', 'platform-key');
});

/** What becomes of a token of the platform with these claims. */
async function becomes(client: OidcClientOptions, claims: object): Promise<unknown> {
  const { jwksUri: _where, fetchHeaders: _credentials, ...rest } = { fetchHeaders: undefined, ...client };
  const runtime = runtimeOf({ clients: [{ ...rest, jwks: { keys: [key.jwk] } }] });
  const now = Math.floor(Date.now() / 1000);
  const token = signJwt(
    { alg: 'RS256', kid: key.keyId },
    { iss: client.issuer, aud: client.audience, iat: now, nbf: now, exp: now + 300, ...claims },
    'RS256',
    key.privateKey,
  );
  try {
    const decision = await runtime.current.verifier.decide(token);
    return decision.accepted ? decision.principal.roles : decision.code;
  } finally {
    runtime.current.issuers.close();
  }
}

describe.each([
  [
    'GitHub Actions',
    'release',
    { repository_id: '123456789', event_name: 'push', ref: 'refs/heads/main', environment: 'production' },
    { repository: 'octo/app', repository_owner: 'octo', actor: 'alice', sub: 'repo:octo/app:environment:production' },
  ],
  [
    'GitLab CI',
    'release',
    { project_id: '46573356', pipeline_source: 'push', ref_type: 'branch', ref: 'main', ref_protected: 'true' },
    { project_path: 'org/repo', user_login: 'alice', sub: 'project_path:org/repo:ref_type:branch:ref:main' },
  ],
  [
    'Kubernetes',
    'import',
    { sub: 'system:serviceaccount:batch:nightly' },
    { 'kubernetes.io': { namespace: 'batch', serviceaccount: { name: 'nightly', uid: '2' } } },
  ],
  ['SPIFFE', 'import', { sub: 'spiffe://mines.example/ns/batch/sa/nightly' }, {}],
] as const)('the page about %s', (section, role, pinned, others) => {
  it('accepts the caller, with the role that it is granted', async () => {
    const { client } = run(section);
    expect(client && (await becomes(client, { ...others, ...pinned }))).toEqual([role]);
  });

  it.each(Object.entries(pinned))('refuses one whose %s is not %s', async (claim, value) => {
    const { client } = run(section);
    for (const wrong of [`${value}x`, ` ${value}`, '', undefined, null, { value }]) {
      const code = client && (await becomes(client, { ...others, ...pinned, [claim]: wrong }));
      expect(code).toBe('invalid_claims');
    }
  });
});

it('the page tests what it pins', async () => {
  expect(await run('Testing').example?.()).toEqual([201, 401, 401]);
});
