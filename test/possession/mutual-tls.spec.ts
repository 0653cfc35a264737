import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { OidcMultiAuthModule, type OidcCertificateHeader, type OidcProofOfPossession } from 'nestjs-oidc-multi-auth';
import { TestIssuer, TestProofKey } from 'nestjs-oidc-multi-auth/testing';
import { createHash } from 'node:crypto';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readCertificate } from '../../lib/core/proof/certificate';
import { ADAPTERS, MemoryLogger, type AdapterName, type Answer, type TestApp } from '../support/test-app';
import { opensslCertificate, type Certificate } from './certificates';
import { challenges, MinesController, ORIGIN, refusal, send, startApi } from './support';

let issuer: TestIssuer;
let server: Certificate;
let client: Certificate;
let other: Certificate;
let key: TestProofKey;
beforeAll(async () => {
  [issuer, key] = await Promise.all([TestIssuer.start(), TestProofKey.create()]);
  [server, client, other] = [
    opensslCertificate('server'),
    opensslCertificate('client', 'rsa'),
    opensslCertificate('x'),
  ];
});
afterAll(() => issuer.stop());

const tokenBoundTo = (cnf: object) => issuer.tokenFor('web', { claims: { cnf } });

const settings = (clientCertificate: OidcProofOfPossession['clientCertificate']): OidcProofOfPossession => ({
  origins: [ORIGIN],
  ...(clientCertificate !== undefined && { clientCertificate }),
});

describe.each(ADAPTERS)('a TLS connection on %s', (adapter) => {
  let app: INestApplication;
  let port: number;

  beforeAll(async () => {
    app = await startTls(adapter, settings('tls'));
    ({ port } = app.getHttpServer().address() as AddressInfo);
  });
  afterAll(() => app.close());

  const ask = (token: string, certificate?: Certificate, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const options = {
        port,
        host: '127.0.0.1',
        path: '/mines',
        agent: false,
        ca: server.cert,
        ...(certificate && { cert: certificate.cert, key: certificate.key }),
        headers: { authorization: `Bearer ${token}`, ...headers },
      };
      request(options, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: new Headers({ 'www-authenticate': response.headers['www-authenticate'] ?? '' }),
            body: JSON.parse(text),
          }),
        );
      })
        .on('error', reject)
        .end();
    });

  it('R8705-01 R8705-02 R8705-06 accepts a token bound to the certificate of the connection, self-signed', async () => {
    const token = await tokenBoundTo({ 'x5t#S256': client.thumbprint });
    expect(await ask(token, client)).toMatchObject({ status: 200 });
    expect(await ask(token, client)).toMatchObject({ status: 200 });
  });

  it('R8705-03 refuses another certificate, and none', async () => {
    const token = await tokenBoundTo({ 'x5t#S256': client.thumbprint });
    const answer = await ask(token, other);
    expect(answer).toEqual(refusal('binding_mismatch'));
    expect(answer.headers.get('www-authenticate')).toBe(challenges('binding_mismatch', 'Bearer'));
    expect(await ask(token)).toEqual(refusal('proof_required'));
  });

  it('R8705-01 looks at no header', async () => {
    const token = await tokenBoundTo({ 'x5t#S256': client.thumbprint });
    expect(await ask(token, undefined, { 'client-cert': byteSequence(client) })).toEqual(refusal('proof_required'));
  });

  it.each([
    ['padded', (thumbprint: string) => `${thumbprint}=`],
    ['hexadecimal', () => createHash('sha256').update(client.der).digest('hex')],
    ['of another alphabet', (thumbprint: string) => Buffer.from(thumbprint, 'base64url').toString('base64')],
  ])('R8705-04 refuses a thumbprint that is %s', async (_what, spelled) => {
    const token = await tokenBoundTo({ 'x5t#S256': spelled(client.thumbprint) });
    expect(await ask(token, client)).toEqual(refusal('binding_mismatch'));
  });

  it('R8705-08 asks for certificate and proof of a token that is bound to both', async () => {
    const token = await tokenBoundTo({ 'x5t#S256': client.thumbprint, jkt: key.thumbprint });
    const proof = () => ({ ...key.headersFor(token, { url: `${ORIGIN}/mines` }) });
    expect(await ask(token, client, proof())).toMatchObject({ status: 200 });
    expect(await ask(token, other, proof())).toEqual(refusal('binding_mismatch'));
    expect(await ask(token, undefined, proof())).toEqual(refusal('proof_required'));
    expect(await ask(token, client)).toEqual(refusal('proof_required'));
  });

  it('R9449-21 refuses under DPoP a token that is bound to a certificate alone', async () => {
    const token = await tokenBoundTo({ 'x5t#S256': client.thumbprint });
    const headers = { ...key.headersFor(token, { url: `${ORIGIN}/mines` }) };
    expect(await ask(token, client, headers)).toEqual(refusal('unbound_token'));
  });
});

const byteSequence = ({ der }: Certificate) => `:${der.toString('base64')}:`;
const escapedPem = ({ cert }: Certificate) => encodeURIComponent(cert);
const foldedPem = ({ cert }: Certificate) => cert.trim().replaceAll('\n', '\n\t').replaceAll('\n', ' ');
const forwarded = (certificate: Certificate) => `Cert="${escapedPem(certificate)}"`;
const hashOf = ({ der }: Certificate) => createHash('sha256').update(der).digest('hex');

const FORMATS: readonly [string, OidcCertificateHeader['format'], string, (certificate: Certificate) => string][] = [
  ['Client-Cert of RFC 9440', 'rfc9440', 'Client-Cert', byteSequence],
  ['percent-encoded PEM (nginx)', 'pem', 'X-Client-Cert', escapedPem],
  ['folded PEM (nginx)', 'pem', 'X-Client-Cert', foldedPem],
  ['XFCC (Envoy)', 'xfcc', 'X-Forwarded-Client-Cert', forwarded],
  [
    'XFCC with all that Envoy writes',
    'xfcc',
    'X-Forwarded-Client-Cert',
    (certificate) =>
      `By=spiffe://x/y;Hash=${hashOf(certificate)};${forwarded(certificate)};Subject="CN=\\"a, b; c\\"";URI=,By=http://z;Hash=${'0'.repeat(64)}`,
  ],
];

describe.each(FORMATS)('a header of a proxy: %s', (_name, format, header, written) => {
  let near: TestApp;
  let far: TestApp;
  const start = (proxies: readonly string[]) =>
    startApi(issuer, { proofOfPossession: settings({ header, format, proxies }) });

  beforeAll(async () => {
    [near, far] = await Promise.all([start(['10.0.0.0/8', '127.0.0.0/8']), start(['10.0.0.0/8', '::1'])]);
  });
  afterAll(() => Promise.all([near.close(), far.close()]));

  const ask = async (lines: readonly string[], app = near) =>
    send(`${app.url}/mines`, 'GET', [
      ['Authorization', `Bearer ${await tokenBoundTo({ 'x5t#S256': client.thumbprint })}`],
      ...lines.map((line): [string, string] => [header, line]),
    ]);

  it('R8705-01 counts where the request comes from a listed address', async () => {
    expect(await ask([written(client)])).toMatchObject({ status: 200 });
    expect(await ask([written(other)])).toEqual(refusal('binding_mismatch'));
  });

  it('R8705-07 does not count from any other address', async () => {
    expect(await ask([written(client)], far)).toEqual(refusal('proof_required'));
  });

  it('R8705-03 is none where it is missing or empty', async () => {
    expect(await ask([])).toEqual(refusal('proof_required'));
    expect(await ask([''])).toEqual(refusal('proof_required'));
  });

  it('R8705-07 is refused where it is doubled or malformed', async () => {
    expect(await ask([written(client), written(client)])).toEqual(refusal('binding_mismatch'));
    expect(await ask([`${written(client)}, ${written(client)}`])).toEqual(refusal('binding_mismatch'));
    for (const wrong of [
      'garbage',
      written(client).replaceAll('M', ''),
      `"${written(client)}`,
      '::',
      ':AAAA:',
      ',',
      ';',
    ]) {
      expect(await ask([wrong])).toEqual(refusal('binding_mismatch'));
    }
  });
});

it('reads XFCC only where exactly one element has a certificate, and its hash agrees', () => {
  const read = (value: string) => readCertificate(value, 'xfcc');
  expect(read(forwarded(client))).toEqual(client.der);
  expect(read(`${forwarded(client)};Hash=${hashOf(client)}`)).toEqual(client.der);
  expect(read(`${forwarded(client)};Hash=${hashOf(other)}`)).toBeUndefined();
  expect(read(`Hash=${hashOf(client)}`)).toBeUndefined();
  expect(read(`${forwarded(client)},${forwarded(other)}`)).toBeUndefined();
  expect(read(`${forwarded(client)};${forwarded(client)}`)).toBeUndefined();
  expect(read(`${forwarded(client)},By=x`)).toEqual(client.der);
});

it('reads exactly one certificate, and nothing beside it', () => {
  const { der, cert } = client;
  expect(readCertificate(`:${Buffer.concat([der, Buffer.from([0])]).toString('base64')}:`, 'rfc9440')).toBeUndefined();
  expect(readCertificate(cert + other.cert, 'pem')).toBeUndefined();
  expect(readCertificate(`:${der.toString('base64')}:;a=1`, 'rfc9440')).toBeUndefined();
  expect(readCertificate('%', 'pem')).toBeUndefined();
});

async function startTls(adapter: AdapterName, proofOfPossession: OidcProofOfPossession): Promise<INestApplication> {
  const module = await Test.createTestingModule({
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: [{ name: 'web', audience: 'web', issuer: issuer.issuer }],
        proofOfPossession,
      }),
    ],
    controllers: [MinesController],
  })
    .setLogger(new MemoryLogger())
    .compile();
  const httpsOptions = { key: server.key, cert: server.cert, requestCert: true, rejectUnauthorized: false };
  const app: INestApplication =
    adapter === 'fastify'
      ? module.createNestApplication(new FastifyAdapter({ https: httpsOptions }))
      : module.createNestApplication(new ExpressAdapter(), { httpsOptions });
  await app.listen(0, '127.0.0.1');
  return app;
}
