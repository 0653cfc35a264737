import crypto from 'node:crypto';
import { Test } from '@nestjs/testing';
import { OidcAuthService, OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';
import { setTimeout as wait } from 'node:timers/promises';
import { useTestIssuer } from '../support/life-cycle';
import { MemoryLogger } from '../support/test-app';

/** Whether verifications are remembered or not, nothing may show of it but time. */
describe('LIB-29 a token that was accepted before', () => {
  const issuer = useTestIssuer();
  let auth: OidcAuthService;
  let close: () => Promise<void>;
  beforeAll(async () => {
    const clients = [{ name: 'web', audience: 'web', issuer: issuer.issuer, clockTolerance: 0 }];
    const module = await Test.createTestingModule({ imports: [OidcMultiAuthModule.forRoot({ clients, freshFor: 1 })] })
      .setLogger(new MemoryLogger())
      .compile();
    await module.init();
    auth = module.get(OidcAuthService);
    close = () => module.close();
  });
  afterAll(async () => {
    await close();
  });
  const codes = async (token: string): Promise<string> => {
    const decision = await auth.decide(token);
    return decision.accepted ? 'accepted' : decision.code;
  };

  it('is accepted again, and none that looks like it', async () => {
    const token = await issuer.tokenFor('web');
    expect([await codes(token), await codes(token)]).toEqual(['accepted', 'accepted']);
    const [header = '', claims = '', signature = ''] = token.split('.');
    // The last character of the signature has bits that say nothing: another spelling of the same octets.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twin = alphabet[alphabet.indexOf(signature.at(-1) ?? '') ^ 1];
    for (const lookalike of [
      `${header}.${claims}.${signature.slice(0, -1)}${twin}`,
      `${header}.${claims}.${signature}=`,
      `${token} `,
      ` ${token}`,
      `${header}.${claims}.${signature.slice(1)}`,
    ]) {
      expect(await codes(lookalike)).toBe('malformed_token');
    }
    const other = await issuer.sign({
      iss: issuer.issuer,
      aud: 'web',
      exp: Math.floor(Date.now() / 1000) + 60,
      sub: 'x',
    });
    // The signature of the one under the claims of the other.
    expect(await codes([...other.split('.').slice(0, 2), signature].join('.'))).toBe('invalid_signature');
  });

  it('is refused once it has expired', async () => {
    const token = await issuer.tokenFor('web', { expiresIn: 1 });
    expect(await codes(token)).toBe('accepted');
    await wait(2_000);
    expect(await codes(token)).toBe('token_expired');
  });

  it('is not verified again after a refresh that brought the same keys', async () => {
    const verify = jest.spyOn(crypto, 'createVerify');
    const token = await issuer.tokenFor('web');
    expect(await codes(token)).toBe('accepted');
    const fetches = issuer.requests.jwks;
    while (issuer.requests.jwks === fetches) {
      await wait(250);
    }
    await wait(250);
    expect(await codes(token)).toBe('accepted');
    expect(verify).toHaveBeenCalledTimes(1);
  }, 30_000);

  it('is refused once its key is gone', async () => {
    const token = await issuer.tokenFor('web');
    expect(await codes(token)).toBe('accepted');
    await issuer.rotateKeys({ removeOld: true });
    let code = await codes(token);
    for (let waited = 0; code === 'accepted' && waited < 15_000; waited += 250) {
      await wait(250);
      code = await codes(token);
    }
    expect(code).toBe('unknown_key');
  }, 30_000);
});
