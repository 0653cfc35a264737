import * as fc from 'fast-check';
import type { RefusalCode } from 'nestjs-oidc-multi-auth';
import type { OidcClientOptions } from '../../lib/configuration/options';
import { readAsked } from '../../lib/explanation/asked-access';
import { explainToken } from '../../lib/explanation/explain-token';
import type { ExplainOptions } from '../../lib/explanation/explanation';
import { formatExplanation } from '../../lib/explanation/format-explanation';
import { REFUSALS } from '../../lib/core/refusal/refusal-code';
import type { OidcRuntime } from '../../lib/nest/runtime/oidc-runtime';
import { failedStep, fragments, runtimeOf } from './explain-with';
import { useTestIssuer } from '../support/life-cycle';

const SECRET = 'a-very-shared-secret-of-enough-octets';
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:1/realms/nowhere';

const issuer = useTestIssuer({ algorithm: 'ES256' });
let runtime: OidcRuntime;
beforeAll(async () => {
  runtime = runtimeOf({ clients: clientsAt(issuer.issuer), roleHierarchy: { admin: 'view' } });
});
afterAll(async () => {
  runtime.current.issuers.close();
});

function clientsAt(at: string): OidcClientOptions[] {
  const client = (name: string, rest: Partial<OidcClientOptions> = {}): OidcClientOptions => ({
    name,
    audience: name,
    issuer: at,
    preset: 'gold-sso',
    ...rest,
  });
  return [
    client('web'),
    client('other'),
    client('one', { audience: 'shared', authorizedParties: ['p1'] }),
    client('two', { audience: 'shared', authorizedParties: ['p2'] }),
    client('secret', { secret: SECRET }),
    client('retired', { deprecated: { since: '2020-01-01', sunset: '2021-01-01' } }),
    client('strict', { strictness: { profile: 'rfc9068', singleAudience: true, maxLifetime: 600 } }),
    client('reporting', { strictness: { mode: 'report', accessTokenType: true, singleAudience: true } }),
    client('own', { validate: (claims) => claims['dept'] === 'mines' }),
    client('requiring', { requiredClaims: ['email'] }),
    client('identity', { acceptIdTokens: true }),
    client('cognito', { audienceClaim: 'client_id' }),
    client('rsa', { algorithms: ['RS256'] }),
    client('down', { issuer: NOWHERE, jwksUri: `${NOWHERE}/certs` }),
    {
      name: 'unidentified',
      audience: 'unidentified',
      discoveryUrl: `${NOWHERE}2/.well-known/openid-configuration`,
    },
  ];
}

const NAMES = clientsAt('x').map(({ name }) => name);
const AUDIENCES = [...NAMES, 'shared', 'account', 'unknown', ''];

/** One of the members that a record may have. */
const member = <T extends object>(record: fc.Arbitrary<T>): fc.Arbitrary<Partial<T>> =>
  fc.tuple(record, fc.nat()).map(([all, at]) => {
    const members = Object.entries(all);
    return Object.fromEntries(members.length === 0 ? [] : [members[at % members.length] ?? []]) as Partial<T>;
  });

/** A way to spoil a token's claims, header or text, or to leave them as they are. */
const claims = fc.record(
  {
    iss: fc.constantFrom(NOWHERE, `${NOWHERE}2`, `${NOWHERE}2/`, 'https://unknown.example', 7, null, undefined, ''),
    azp: fc.constantFrom('p1', 'p2', 'web', 'other', 1, undefined),
    client_id: fc.constantFrom('cognito', 'p1', {}),
    exp: fc.constantFrom(1, 'x', 1e300, undefined),
    nbf: fc.constantFrom(1, 9e9, 'x'),
    iat: fc.constantFrom(1, 9e9, null),
    sub: fc.constantFrom('', 1, 'x'),
    typ: fc.constantFrom('ID', 'Refresh', 'Logout', 'DPoP', 'Bearer'),
    at_hash: fc.constant('x'),
    cnf: fc.constant({ jkt: 'x' }),
    email: fc.constant('a@example.org'),
    dept: fc.constant('mines'),
    client_roles: fc.constantFrom(['view'], ['admin'], 'VIEW, edit', 1),
    roles: fc.constantFrom(['view'], { view: {} }),
    scope: fc.constantFrom('read write', ['read'], 1),
    scp: fc.constantFrom(['read'], 'write'),
    acr: fc.constantFrom('phr', 'PHR', ['phr']),
  },
  { requiredKeys: [] },
);
const header = fc.record(
  {
    typ: fc.constantFrom('at+jwt', 'logout+jwt', undefined, 1),
    kid: fc.constantFrom('unknown', undefined, 1),
    alg: fc.constantFrom('none', 'HS256', 'RS256', undefined),
    crit: fc.constant(['x']),
    cty: fc.constant('JWT'),
  },
  { requiredKeys: [] },
);
const TEXTS: readonly ((token: string) => string)[] = [
  (token) => `Bearer ${token}`,
  (token) => `"${token}"`,
  (token) => token.slice(0, -9),
  (token) => token.slice(0, token.lastIndexOf('.')),
  (token) => token.slice(0, token.length / 3),
  (token) => token.replace(/\.[^.]*$/, `.${'A'.repeat(86)}`),
  (token) => token.replaceAll('.', ''),
  (token) => `${token}.x.y`,
  (token) => token + 'x'.repeat(20_000),
  () => '',
];
/** Mostly nothing, so that most tokens get far. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const anything = fc.record(
  {
    clients: fc.constantFrom(['web'], ['web', 'other', 'one'], ['own', 'reporting']),
    roles: fc.constantFrom(['view'], ['edit', 'none'], [{ client: 'web', any: ['view'] }]),
    allRoles: fc.constantFrom(['view', 'admin'], ['edit']),
    scopes: fc.constantFrom(['read'], ['read', 'write']),
    authenticationContext: fc.constantFrom({ acr: ['phr'] }, { acr: ['phr', 'phrh'] }),
  },
  { requiredKeys: [] },
);

const asked = fc.oneof(fc.constant({}), member(anything), anything);

/** What the guards say of a token on such a route. */
async function codeByGuards(
  token: string,
  { clients, roles, allRoles, scopes, authenticationContext }: ExplainOptions,
) {
  const decision = await runtime.current.verifier.decide(token, clients && new Set(clients));
  if (!decision.accepted) {
    return decision.code;
  }
  const { principal } = decision;
  const meets = (role: NonNullable<typeof roles>[number]): boolean =>
    typeof role === 'string'
      ? principal.hasRole(role)
      : principal.client === role.client && principal.hasAnyRole(...role.any);
  if (roles !== undefined && !roles.some(meets)) {
    return 'missing_a_valid_role';
  }
  if (allRoles !== undefined && !principal.hasAllRoles(...allRoles)) {
    return 'missing_required_roles';
  }
  if (scopes !== undefined && !scopes.every((scope) => principal.scopes.includes(scope))) {
    return 'missing_scope';
  }
  const { acr } = authenticationContext ?? {};
  return acr === undefined || acr.some((one) => one === principal.claims['acr'])
    ? undefined
    : 'insufficient_user_authentication';
}

it('LIB-25 says what the guards say, whatever the token: the same code at one step, and nothing of the token', async () => {
  const seen = new Map<RefusalCode | undefined, number>();
  const steps = new Set<string>();
  const options = clientsAt(issuer.issuer);
  const audience = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...AUDIENCES) },
    fc.subarray(AUDIENCES),
    fc.constant(1),
  );
  const spoiled = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 3, arbitrary: member(claims) }, claims);
  await fc.assert(
    fc.asyncProperty(
      audience,
      spoiled,
      seldom(member(header)),
      seldom(fc.constantFrom(...TEXTS)),
      asked,
      async (aud, changes, members, mangle, route) => {
        const client = options.find(({ name }) => name === aud) ?? { ...options[0], name: 'x', audience: 'x' };
        const made =
          client.secret !== undefined || client.algorithms !== undefined
            ? await issuer.tokenFor(client as Omit<OidcClientOptions, 'enrich'>, { claims: changes })
            : await issuer.sign(
                {
                  iss: client.issuer === issuer.issuer ? issuer.issuer : (client.issuer ?? `${NOWHERE}2`),
                  aud,
                  sub: 'somebody',
                  client_roles: ['admin'],
                  iat: Math.floor(Date.now() / 1000),
                  exp: Math.floor(Date.now() / 1000) + 300,
                  ...changes,
                },
                { header: members },
              );
        const token = mangle === undefined ? made : mangle(made);
        const expected = await codeByGuards(token, route);
        const explanation = await explainToken(runtime.current, token, readAsked(route, runtime.configuration.clients));

        expect(explanation.code).toBe(expected);
        expect(explanation.accepted).toBe(expected === undefined);
        expect(explanation.status).toBe(expected && REFUSALS[expected].status);
        const stopped = explanation.steps.findIndex(({ outcome }) => outcome === 'failed');
        const outcomes = explanation.steps.map(({ outcome }, index) =>
          stopped === -1 || index < stopped ? outcome === 'passed' : index === stopped || outcome === 'not reached',
        );
        expect(outcomes).not.toContain(false);
        expect(stopped === -1).toBe(expected === undefined);
        expect(explanation.steps.filter(({ code }) => code !== undefined).map(({ code }) => code)).toEqual(
          expected === undefined ? [] : [expected],
        );
        // What is said of clients is what selection did.
        const fitting = explanation.clients.filter(
          (one) => one.issuer.matches && one.audience.matches && one.authorizedParty.matches,
        );
        const chosen = explanation.clients.filter(({ isChosen }) => isChosen);
        expect(fitting).toEqual(expect.arrayContaining(chosen));
        if (failedStep(explanation) === 'client' && expected !== 'keys_unavailable') {
          expect(chosen).toEqual([]);
          expect(fitting.length > 1).toBe(expected === 'ambiguous_client');
        }
        const written = JSON.stringify(explanation) + formatExplanation(explanation);
        expect(fragments(token).filter((fragment) => written.includes(fragment))).toEqual([]);

        seen.set(expected, (seen.get(expected) ?? 0) + 1);
        steps.add(failedStep(explanation) ?? 'none');
      },
    ),
    { numRuns: 4000, seed: 31 },
  );

  const never = {
    authorization_header_missing: 'there is always a token',
    invalid_request: 'there is always a token',
    not_authenticated: 'there is always a token',
    access_denied: 'rules are not asked',
    proof_required: 'no proofs are checked',
    unbound_token: 'no proofs are checked',
    binding_mismatch: 'no proofs are checked',
    invalid_dpop_proof: 'no proofs are checked',
    use_dpop_nonce: 'no proofs are checked',
    introspection_unavailable: 'no issuer is asked',
    token_inactive: 'no issuer is asked',
    token_revoked: 'nothing is revoked',
    state_unavailable: 'nothing is revoked',
  };
  const all = Object.keys(REFUSALS).filter((code) => !Object.hasOwn(never, code));
  expect([...seen.keys()].filter((code) => code !== undefined).sort()).toEqual(all.sort());
  expect(seen.get(undefined)).toBeGreaterThan(100);
  expect([...steps].sort()).toEqual(
    [
      'parse',
      'client',
      'retired',
      'algorithm',
      'kind',
      'times',
      'claims',
      'key',
      'signature',
      'validate',
      'allowed_client',
      'roles',
      'all_roles',
      'scopes',
      'authentication_context',
      'none',
    ].sort(),
  );
}, 240_000);
