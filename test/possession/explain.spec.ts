import { TestIssuer, TestProofKey } from 'nestjs-oidc-multi-auth/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExplainedRequest } from '../../lib/explanation/explanation';
import { runCli } from '../cli/run-cli';
import { explainWith } from '../explanation/explain-with';
import { opensslCertificate } from './certificates';
import { ORIGIN } from './support';

jest.setTimeout(60_000);

let issuer: TestIssuer;
let key: TestProofKey;
let token: string;
const url = `${ORIGIN}/mines`;
beforeAll(async () => {
  [issuer, key] = await Promise.all([TestIssuer.start(), TestProofKey.create()]);
  token = await issuer.tokenFor('web', { claims: { cnf: key.confirmation } });
});
afterAll(() => issuer.stop());

const options = () => ({
  clients: [{ name: 'web', audience: 'web', issuer: issuer.issuer }],
  proofOfPossession: { origins: [ORIGIN, 'https://gateway.example/v1'], clientCertificate: 'tls' as const },
});
const explain = (request: ExplainedRequest, of = token) => explainWith(options(), of, { request });
const step = async (request: ExplainedRequest, of = token) =>
  (await explain(request, of)).steps.find(({ name }) => name === 'possession');

it('accepts a good proof, twice: none is used up', async () => {
  const request = { method: 'GET', url, proof: key.proofFor(token, { url }) };
  expect((await explain(request)).accepted).toBe(true);
  expect((await explain(request)).accepted).toBe(true);
  expect(await step(request)).toEqual({
    name: 'possession',
    outcome: 'passed',
    expected: `a DPoP proof by the key "${key.thumbprint}"`,
    found: 'nothing against it',
  });
});

it.each([
  ['the path', '/mines'],
  ['a URL with a query', `${url}?page=2`],
  ['the URL before the gateway', 'https://gateway.example/v1/mines'],
])('takes %s of the request', async (_what, given) => {
  expect((await explain({ method: 'GET', url: given, proof: key.proofFor(token, { url }) })).accepted).toBe(true);
});

it('names every check that failed, with what was expected and found', async () => {
  const claims = { htu: 'http://localhost:3000/mines', iat: 1_600_000_000, ath: undefined };
  const request = { method: 'GET', url, proof: key.proofFor(token, { url, method: 'POST', claims }) };
  const { code, hints } = await explain(request);
  expect(code).toBe('invalid_dpop_proof');
  const { found = '' } = (await step(request)) ?? {};
  expect(found.split('; ').map((part) => part.split(' ')[0])).toEqual(['htm', 'htu', 'iat', 'ath']);
  expect(found).toContain('htm "POST", expected "GET"');
  expect(found).toContain('"http://localhost:3000/mines", expected "https://api.example/mines" or');
  expect(hints.map((hint) => hint.code)).toEqual(['proof_wrong', 'proof_wrong', 'proof_wrong', 'proof_wrong']);
});

it('names a key that is another', async () => {
  const other = await TestProofKey.create();
  const request = { method: 'GET', url, proof: other.proofFor(token, { url }) };
  expect(await explain(request)).toMatchObject({ code: 'binding_mismatch' });
  expect((await step(request))?.found).toBe(`jkt "${other.thumbprint}", expected "${key.thumbprint}"`);
});

it('says what is missing without a proof', async () => {
  const { code, hints } = await explainWith(options(), token);
  expect(code).toBe('proof_required');
  expect(hints.map((hint) => hint.code)).toEqual(['proof_missing']);
});

it('compares a certificate, and knows a thumbprint in hexadecimal', async () => {
  const { cert: certificate, thumbprint } = opensslCertificate('client');
  const bound = await issuer.tokenFor('web', { claims: { cnf: { 'x5t#S256': thumbprint } } });
  expect((await explain({ method: 'GET', url, certificate }, bound)).accepted).toBe(true);
  const hex = Buffer.from(thumbprint, 'base64url').toString('hex');
  const wrong = await issuer.tokenFor('web', { claims: { cnf: { 'x5t#S256': hex } } });
  const { code, hints } = await explain({ method: 'GET', url, certificate }, wrong);
  expect(code).toBe('binding_mismatch');
  expect(hints[0]?.text).toContain('hexadecimal');
});

it('by the command, with proof and certificate of files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'proof-'));
  try {
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const config = write('auth.json', JSON.stringify(options()));
    const proof = write('proof.txt', key.proofFor(token, { url }));
    const run = (args: readonly string[]) => runCli(['explain', '--config', config, ...args, '-'], token);
    expect(await run(['--url', url, '--proof', proof])).toMatchObject({ code: 0 });
    const refused = await run(['--url', url, '--method', 'POST', '--proof', proof]);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stdout).toContain('htm "GET", expected "POST"');
    expect(refused.stdout).toContain('proof_wrong: ');
    expect(await run(['--proof', proof])).toMatchObject({ code: 2, stderr: expect.stringContaining('--url') });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
