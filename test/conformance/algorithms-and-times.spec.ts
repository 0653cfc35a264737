import {
  OidcAuthService,
  OidcMultiAuthModule,
  type Algorithm,
  type OidcClientOptions,
  type OidcMultiAuthOptions,
} from 'nestjs-oidc-multi-auth';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { signJwt } from '../../lib/testing/signing-key';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { MemoryLogger } from '../support/test-app';

const startApp = useApps();

const issuer = useTestIssuer();

async function start(clients: readonly OidcClientOptions[], options: Partial<OidcMultiAuthOptions> = {}) {
  const logger = new MemoryLogger();
  const app = await startApp({ imports: [OidcMultiAuthModule.forRoot({ clients, ...options })], logger });
  return { auth: app.app.get(OidcAuthService), logger };
}

const client = (more: Partial<OidcClientOptions> = {}): OidcClientOptions => ({
  name: 'a',
  audience: 'a',
  issuer: issuer.issuer,
  ...more,
});
const claims = (more: object = {}) => ({
  iss: issuer.issuer,
  aud: 'a',
  sub: 's',
  exp: Math.floor(Date.now() / 1000) + 300,
  ...more,
});

describe('algorithms', () => {
  it('FAPI-05 R8725-01 of a client that is held to PS256, ES256 and EdDSA are those and no others', async () => {
    const allowed = ['PS256', 'ES256', 'EdDSA'] as const;
    const others = ['RS256', 'RS512', 'PS384', 'PS512', 'ES384', 'ES512'] as const;
    const tokens = new Map<Algorithm, string>();
    for (const algorithm of [...allowed, ...others]) {
      tokens.set(algorithm, await issuer.sign(claims(), { algorithm }));
    }
    const { auth } = await start([client({ algorithms: allowed })]);
    for (const [algorithm, token] of tokens) {
      expect([algorithm, await auth.decide(token)]).toMatchObject([
        algorithm,
        allowed.some((one) => one === algorithm) ? { accepted: true } : { code: 'algorithm_not_allowed' },
      ]);
    }
  });

  it.each([1024, 2040])(
    'FAPI-05 R8725-04 ATK-5 of an RSA key of %i bits verify nothing, though it is published',
    async (modulusLength) => {
      const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
      const weak = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' });
      const jwks = { keys: [...issuer.jwks.keys, { ...weak, kid: 'weak', alg: 'RS256', use: 'sig' }] };
      const { auth } = await start([client({ jwks })]);
      const token = signJwt({ alg: 'RS256', kid: 'weak' }, claims(), 'RS256', privateKey);
      expect(await auth.decide(token)).toMatchObject({ code: 'unknown_key' });
      expect(await auth.decide(await issuer.tokenFor('a'))).toMatchObject({ accepted: true });
    },
  );

  it('R8725-04 R8725-07 with a shared secret are off, and the secret is long enough', async () => {
    const secret = 'x'.repeat(31);
    await expect(start([client({ algorithms: ['HS256'] })])).rejects.toThrow(/HS256 is symmetric, .* has no secret/);
    await expect(start([client({ secret })])).rejects.toThrow(/has 31 bytes, too few for HS256/);
    await expect(start([client({ secret: `${secret}x`, algorithms: ['HS512'] })])).rejects.toThrow(/too few for HS512/);
    await expect(start([client({ secret: `${secret}x`, algorithms: ['HS256', 'RS256'] })])).rejects.toThrow(
      /RS256 is verified with public keys/,
    );
    const { auth } = await start([client()]);
    expect(await auth.decide(await issuer.tokenFor(client({ secret: `${secret}x` })))).toMatchObject({
      code: 'algorithm_not_allowed',
    });
  });

  it('R8725-03 without signature cannot be configured', async () => {
    for (const none of ['none', 'NONE', 'None']) {
      await expect(start([client({ algorithms: [none as Algorithm] })])).rejects.toThrow(
        /would accept tokens that nobody signed/,
      );
    }
  });
});

describe('times', () => {
  it('FAPI-06 of a clock that goes 9 s before are forgiven, and of one that goes 61 s before are not', async () => {
    const { auth } = await start([client()]);
    const now = Math.floor(Date.now() / 1000);
    for (const claim of ['iat', 'nbf']) {
      expect(await auth.decide(await issuer.sign(claims({ [claim]: now + 9 })))).toMatchObject({ accepted: true });
      expect(await auth.decide(await issuer.sign(claims({ [claim]: now + 61 })))).toMatchObject({
        code: 'token_not_active',
      });
    }
  });

  it('R7519-07 are forgiven a little: more than a minute is warned about at start, more than five is a fault', async () => {
    const told = async (clockTolerance: number) => {
      const { logger } = await start([client({ clockTolerance })]);
      return logger.warnings.filter((line) => line.includes('clockTolerance')).length;
    };
    expect([await told(0), await told(60), await told(61), await told(300)]).toEqual([0, 0, 1, 1]);
    await expect(told(301)).rejects.toThrow('"a": clockTolerance: is not a number of seconds from 0 to 300');
    await expect(told(Infinity)).rejects.toThrow('"a": clockTolerance');
  });
});
