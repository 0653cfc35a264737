import { Controller, Get } from '@nestjs/common';
import { generateKeyPairSync } from 'node:crypto';
import {
  AuthenticationContext,
  OidcMultiAuthModule,
  OidcRevocations,
  type OidcMultiAuthOptions,
} from 'nestjs-oidc-multi-auth';
import { TestProofKey } from 'nestjs-oidc-multi-auth/testing';
import { createHash } from 'node:crypto';
import { opensslCertificate } from '../possession/certificates';
import { useApps } from '../support/life-cycle';
import { get } from '../support/test-app';
import { Endpoint, json } from './support';

const startApp = useApps();
const ISSUER = 'https://opaque.example';
const ORIGIN = 'https://api.example';
let endpoint: Endpoint;
let members: object;
beforeEach(async () => {
  members = {};
  endpoint = new Endpoint();
  await endpoint.start();
  endpoint.answer = (response) =>
    json(response, { active: true, sub: 'u', aud: 'api', exp: Math.floor(Date.now() / 1000) + 300, ...members });
});
afterEach(() => endpoint.stop());

@Controller()
class MinesController {
  @Get('mines')
  mines() {
    return 'mines';
  }
  @AuthenticationContext({ acr: ['phr'], maxAge: 60 })
  @Get('strong')
  strong() {
    return 'strong';
  }
}

function start(options: Partial<OidcMultiAuthOptions> = {}, requireSenderConstraint = false) {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const client = {
    name: 'b',
    audience: 'api',
    issuer: ISSUER,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    introspection: { clientId: 'api', clientSecret: 'secret', endpoint: endpoint.url, cacheFor: 60 },
    ...(requireSenderConstraint && { requireSenderConstraint }),
  };
  return startApp({
    imports: [OidcMultiAuthModule.forRoot({ clients: [client], globalGuards: true, ...options })],
    controllers: [MinesController],
  });
}

const BOUND = { proofOfPossession: { origins: [ORIGIN] } };

it('R9449-15 a bound opaque token wants its proof, also once its answer is remembered', async () => {
  const [key, other] = [await TestProofKey.create(), await TestProofKey.create()];
  members = { cnf: { jkt: key.thumbprint } };
  const app = await start(BOUND);
  const ask = async (scheme: string, proof?: string) => {
    const headers = { authorization: `${scheme} opaque-1`, ...(proof !== undefined && { dpop: proof }) };
    const { status, body } = await get(`${app.url}/mines`, headers);
    return status === 200 ? 'accepted' : body.code;
  };
  const proofOf = (of: TestProofKey) => of.proofFor('opaque-1', { url: `${ORIGIN}/mines` });
  for (let time = 0; time < 2; time += 1) {
    expect(await ask('Bearer')).toBe('proof_required');
    expect(await ask('DPoP')).toBe('proof_required');
    expect(await ask('DPoP', proofOf(other))).toBe('binding_mismatch');
    const proof = proofOf(key);
    expect(await ask('DPoP', proof)).toBe('accepted');
    expect(await ask('DPoP', proof)).toBe('invalid_dpop_proof');
  }
  expect(endpoint.asked).toHaveLength(1);
});

it('R8705-05 the certificate of an introspection answer must be that of the caller', async () => {
  const [mine, other] = [opensslCertificate('mine'), opensslCertificate('other')];
  const der = Buffer.from(mine.cert.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  members = { cnf: { 'x5t#S256': createHash('sha256').update(der).digest('base64url') } };
  const clientCertificate = { header: 'client-cert', format: 'pem', proxies: ['127.0.0.1'] } as const;
  const app = await start({ proofOfPossession: { origins: [ORIGIN], clientCertificate } });
  const ask = async (certificate?: string) => {
    const headers = {
      authorization: 'Bearer opaque-2',
      ...(certificate !== undefined && { 'client-cert': encodeURIComponent(certificate) }),
    };
    const { status, body } = await get(`${app.url}/mines`, headers);
    return status === 200 ? 'accepted' : body.code;
  };
  expect(await ask()).toBe('proof_required');
  expect(await ask(other.cert)).toBe('binding_mismatch');
  expect(await ask(mine.cert)).toBe('accepted');
});

it('a bound opaque token is refused where proofs are not checked, and an unbound one where they are required', async () => {
  members = { cnf: { jkt: (await TestProofKey.create()).thumbprint } };
  expect((await (await start()).get('/mines', 'opaque-3')).body.code).toBe('invalid_claims');
  members = {};
  expect((await (await start(BOUND, true)).get('/mines', 'opaque-4')).body.code).toBe('unbound_token');
});

it('R9470-06 acr and auth_time of an introspection answer count', async () => {
  const app = await start();
  expect((await app.get('/strong', 'opaque-5')).body.code).toBe('insufficient_user_authentication');
  members = { acr: 'phr', auth_time: Math.floor(Date.now() / 1000) };
  expect((await app.get('/strong', 'opaque-6')).status).toBe(200);
});

it('FAPI-02 R7519-09 OWASP-JWT a revoked opaque token is refused at once, though its answer is remembered', async () => {
  members = { jti: 'j', sid: 's', iat: Math.floor(Date.now() / 1000) };
  const app = await start({ revocation: {} });
  expect((await app.get('/mines', 'opaque-7')).status).toBe(200);
  await app.app.get(OidcRevocations).revokeToken({ issuer: ISSUER, jti: 'j' });
  expect((await app.get('/mines', 'opaque-7')).body.code).toBe('token_revoked');
  members = { sub: 'u', iat: Math.floor(Date.now() / 1000) - 10 };
  await app.app.get(OidcRevocations).revokeSubject({ issuer: ISSUER, subject: 'u' });
  expect((await app.get('/mines', 'opaque-8')).body.code).toBe('token_revoked');
  expect(endpoint.asked).toHaveLength(2);
});
