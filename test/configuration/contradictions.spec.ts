import { OidcConfigurationError } from '../../lib/configuration/configuration-error';
import { resolveConfiguration } from '../../lib/configuration/resolve-configuration';

const ISSUER = 'https://sso.example/auth/realms/standard';
const JWKS = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kid: '1' }] };
const SECRET = 'x'.repeat(32);
const DISPATCHER = { dispatch: () => true };

function faultsOf(client: object, defaults: object = {}): string[] {
  try {
    resolveConfiguration({ clients: [{ name: 'a', audience: 'a', issuer: ISSUER, ...client }], defaults });
    return [];
  } catch (error) {
    if (error instanceof OidcConfigurationError) {
      return error.faults.map(({ field, problem }) => `${field} ${problem}`);
    }
    throw error;
  }
}

describe('CFG-1 options that silence or contradict each other are faults', () => {
  it.each([
    ['ignoreAudience', { ignoreAudience: true }, { ignoreAudience: true, audienceClaim: 'client_id' }],
    ['ignoreAudience', { ignoreAudience: true, audienceClaim: 'aud' }, { ignoreAudience: false }],
    [
      'keepUnmappedRoles',
      { keepUnmappedRoles: true },
      { keepUnmappedRoles: true, roleMapping: { a: 'b' }, roles: 'r' },
    ],
    ['roleMapping', { roleMapping: { a: 'b' } }, { roleMapping: { a: 'b' }, preset: 'keycloak' }],
    ['fetchHeaders', { fetchHeaders: { a: 'b' }, jwks: JWKS }, { fetchHeaders: { a: 'b' } }],
    [
      'fetchHeaders',
      { fetchHeaders: { a: 'b' }, secret: SECRET },
      { fetchHeaders: { a: 'b' }, secret: SECRET, jwksUri: ISSUER },
    ],
    ['dispatcher', { dispatcher: DISPATCHER, jwks: JWKS }, { dispatcher: DISPATCHER, jwksUri: `${ISSUER}/certs` }],
    ['dispatcher', { dispatcher: DISPATCHER, secret: SECRET }, { dispatcher: DISPATCHER }],
    [
      'discoveryIssuer',
      { discoveryIssuer: 'https://x.example', secret: SECRET },
      { discoveryIssuer: 'https://x.example' },
    ],
    ['jwksUriOrigin', { jwksUriOrigin: 'https://x.example', secret: SECRET }, { jwksUriOrigin: 'https://x.example' }],
    ['jwksUriOrigin', { jwksUriOrigin: 'https://x.example', jwks: JWKS }, { jwks: JWKS }],
    [
      'acceptIdTokens',
      { acceptIdTokens: true, strictness: { accessTokenType: true } },
      { acceptIdTokens: true, strictness: { accessTokenType: true, mode: 'report' } },
    ],
    [
      'acceptIdTokens',
      { acceptIdTokens: true, strictness: { profile: 'rfc9068' } },
      { acceptIdTokens: true, strictness: { maxLifetime: 60 } },
    ],
    [
      'refusedClaims',
      { requiredClaims: { ref: 'main' }, refusedClaims: { ref: 'main' } },
      { requiredClaims: { ref: ['main', 'next'] }, refusedClaims: { ref: 'main' } },
    ],
    [
      'refusedClaims',
      { accessTokenClaims: { typ: 'Bearer' }, refusedClaims: { typ: ['Bearer', 'ID'] } },
      { accessTokenClaims: { typ: true }, refusedClaims: { typ: 'ID' } },
    ],
    [
      'requiredClaims',
      { requiredClaims: { typ: 'Bearer' }, accessTokenClaims: { typ: 'access' } },
      { requiredClaims: { typ: 'Bearer' }, accessTokenClaims: { typ: ['access', 'Bearer'] } },
    ],
    [
      'algorithms',
      { secret: SECRET, algorithms: ['RS256'] },
      { secret: SECRET, algorithms: ['RS256'], jwksUri: ISSUER },
    ],
    ['algorithms', { algorithms: ['HS256'] }, { algorithms: ['RS256'] }],
    ['jwks', { jwksUri: ISSUER, jwks: JWKS }, { jwks: JWKS }],
    ['jwksUri', { discoveryUrl: `${ISSUER}/.well-known/openid-configuration`, jwksUri: ISSUER }, { jwksUri: ISSUER }],
  ])('%s: %j, but not %j', (field, contradicting, fitting) => {
    expect(faultsOf(contradicting)).toEqual([expect.stringMatching(new RegExp(`^${field} `))]);
    expect(faultsOf(fitting)).toEqual([]);
  });

  it('but not where all clients share an option that one of them has no use for', () => {
    expect(faultsOf({ jwks: JWKS }, { dispatcher: DISPATCHER, roleMapping: { a: 'b' } })).toEqual([]);
  });

  it('and a misspelled option is answered with the one that was probably meant', () => {
    for (const [name, meant] of Object.entries({
      requiredClaim: 'requiredClaims',
      jwksuri: 'jwksUri',
      prset: 'preset',
    })) {
      try {
        resolveConfiguration({ clients: [{ name: 'a', audience: 'a', issuer: ISSUER, [name]: 'x' }] });
        throw new Error('there was no fault');
      } catch (error) {
        expect(error).toMatchObject({ faults: [{ field: name, remedy: `did you mean ${meant}?` }] });
      }
    }
  });
});
