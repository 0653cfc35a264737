import { OidcConfigurationError } from '../../lib/configuration/configuration-error';
import { resolveConfiguration } from '../../lib/configuration/resolve-configuration';

const TEMPLATE = 'https://login.example/{tenantid}/v2.0';
const MULTI = { name: 'multi', audience: 'api', issuer: TEMPLATE, tenants: ['t1', 't2'] };

function faultsOf(options: unknown): string[] {
  try {
    resolveConfiguration(options);
  } catch (error) {
    if (error instanceof OidcConfigurationError) {
      return error.faults.map(({ client, field, problem }) => `${client} ${field}: ${problem}`);
    }
    throw error;
  }
  return [];
}

const issuersOf = (options: object): (string | undefined)[] =>
  [...resolveConfiguration(options).issuers].map(({ issuer }) => issuer);

describe('tenants', () => {
  it('are one exact issuer each, with a document of its own', () => {
    const { clients, issuers } = resolveConfiguration({ clients: [MULTI] });
    expect([...issuers].map(({ issuer, keySource }) => [issuer, keySource])).toEqual(
      ['t1', 't2'].map((tenant) => [
        `https://login.example/${tenant}/v2.0`,
        expect.objectContaining({
          kind: 'discovery',
          documentIssuer: `https://login.example/${tenant}/v2.0`,
          urls: expect.arrayContaining([`https://login.example/${tenant}/v2.0/.well-known/openid-configuration`]),
        }),
      ]),
    );
    expect(clients.clients.map(({ name }) => name)).toEqual(['multi', 'multi']);
    expect(clients.issuer(TEMPLATE)).toBeUndefined();
  });

  it('each have a key set and a document where the templates say', () => {
    const { issuers } = resolveConfiguration({
      clients: [{ ...MULTI, issuer: 'https://sts.example/{tenantid}/', jwksUri: 'https://keys.example/{tenantid}' }],
    });
    expect([...issuers].map(({ issuer, keySource }) => [issuer, keySource])).toEqual([
      ['https://sts.example/t1/', { kind: 'jwksUri', url: 'https://keys.example/t1' }],
      ['https://sts.example/t2/', { kind: 'jwksUri', url: 'https://keys.example/t2' }],
    ]);
  });

  it('may come from a discovery URL alone', () => {
    const discoveryUrl = `${TEMPLATE}/.well-known/openid-configuration`;
    const { issuers } = resolveConfiguration({ clients: [{ ...MULTI, issuer: undefined, discoveryUrl }] });
    expect([...issuers].map(({ possibleIssuers }) => possibleIssuers[0])).toEqual([
      'https://login.example/t1/v2.0',
      'https://login.example/t2/v2.0',
    ]);
  });

  it.each<[string, object, string]>([
    ['a key set of all tenants', { jwksUri: 'https://keys.example/common' }, 'jwksUri: has no place for a tenant'],
    [
      'a document of all tenants',
      { discoveryUrl: 'https://x.example/.well-known/openid-configuration' },
      'discoveryUrl',
    ],
    ['keys of all tenants', { jwks: { keys: [] } }, 'jwks: '],
  ])('cannot share %s', (_name, more, fault) => {
    expect(faultsOf({ clients: [{ ...MULTI, ...more }] })).toEqual([expect.stringContaining(`"multi" ${fault}`)]);
  });

  it('cannot share a public key', () => {
    const publicKey =
      '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----';
    expect(faultsOf({ clients: [{ ...MULTI, publicKey }] })).toEqual([
      '"multi" publicKey: would be the keys of every tenant alike',
    ]);
  });

  it('are compared with other clients one by one', () => {
    const same = { name: 'other', audience: 'api', issuer: 'https://login.example/t2/v2.0' };
    expect(faultsOf({ clients: [MULTI, same] })).toEqual([
      '"other" audience: "api" at the same issuer is an audience of client "multi" too',
    ]);
    expect(faultsOf({ clients: [MULTI, { ...same, issuer: 'https://login.example/t3/v2.0' }] })).toEqual([]);
    expect(issuersOf({ clients: [MULTI, { ...same, audience: 'b' }] })).toHaveLength(2);
  });

  it('are inherited with the issuer that has a place for them', () => {
    const defaults = { issuer: TEMPLATE, tenants: ['t1', 't2'] };
    const [a, b] = [
      { name: 'a', audience: 'a' },
      { name: 'b', audience: 'b', issuer: 'https://sso.example/x' },
    ];
    expect(issuersOf({ clients: [a, b], defaults })).toEqual([
      'https://login.example/t1/v2.0',
      'https://login.example/t2/v2.0',
      'https://sso.example/x',
    ]);
    const document = {
      name: 'c',
      audience: 'c',
      discoveryUrl: 'https://sso.example/y/.well-known/openid-configuration',
    };
    expect(faultsOf({ clients: [a, document], defaults })).toEqual([]);
    expect(issuersOf({ clients: [{ ...a, tenants: ['t9'] }], defaults })).toEqual(['https://login.example/t9/v2.0']);
  });

  it('each have the form of the provider', () => {
    const entra = { ...MULTI, preset: 'entra-v2', tenants: ['0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', 'common'] };
    expect(faultsOf({ clients: [entra] })).toEqual([
      '"multi" issuer: "https://login.example/common/v2.0" is not of Microsoft Entra ID (v2.0 tokens) (preset "entra-v2")',
    ]);
  });

  it('are warned about once', () => {
    const { warnings } = resolveConfiguration({ clients: [{ ...MULTI, clockTolerance: 120 }] });
    expect(warnings).toHaveLength(1);
  });

  it('are told apart by parties that are named in one claim', () => {
    const [one, other] = [
      { ...MULTI, authorizedParties: ['p'] },
      { ...MULTI, name: 'other', authorizedParties: ['q'] },
    ];
    expect(faultsOf({ clients: [one, other] })).toEqual([]);
    expect(faultsOf({ clients: [one, { ...other, authorizedPartyClaim: 'appid' }] })).not.toEqual([]);
  });
});
