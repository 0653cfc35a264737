import { Test } from '@nestjs/testing';
import { OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';
import { withTestIssuer, withUser } from 'nestjs-oidc-multi-auth/testing';
import type { INestApplication } from '@nestjs/common';
import { Endpoint } from '../introspection/support';
import { useFreshTestIssuer } from '../support/life-cycle';
import { MinesController } from './mines-app';

const issuer = useFreshTestIssuer();
const provider = new Endpoint();
const PATH = '/admin';
let app: INestApplication | undefined;
beforeAll(() => provider.start());
afterEach(() => app?.close());
afterAll(() => provider.stop());

const builder = () => {
  const introspection = { clientId: 'api', clientSecret: 'secret', endpoint: provider.url, tokenPrefix: 'ory_at_' };
  const clients = [
    { name: 'partner', audience: 'mines', issuer: 'https://partner.example', roles: 'r', introspection },
  ];
  return Test.createTestingModule({
    imports: [OidcMultiAuthModule.forRoot({ clients, globalGuards: true })],
    controllers: [MinesController],
  });
};

async function statusOf(test: ReturnType<typeof builder>, path: string, token: () => Promise<string>): Promise<number> {
  app = (await test.compile()).createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  const headers = { authorization: `Bearer ${await token()}` };
  return (await fetch(`${await app.getUrl()}${path}`, { headers })).status;
}

it('withTestIssuer asks the test issuer, and never the endpoint that the application configures', async () => {
  const token = () => issuer.tokenForClient('partner', { format: 'opaque', roles: ['admin'] });
  expect(await statusOf(withTestIssuer(builder(), issuer), PATH, token)).toBe(200);
  expect(issuer.introspection.requests).toEqual([{ token: expect.stringMatching(/^ory_at_/), clientId: 'api' }]);
  expect(provider.asked).toEqual([]);
});

it('withUser asks nobody about opaque tokens', async () => {
  const test = withUser(builder(), { client: 'partner', roles: ['admin'] });
  expect(await statusOf(test, PATH, () => Promise.resolve('ory_at_1'))).toBe(200);
  expect(provider.asked).toEqual([]);
});
