import crypto, { createHmac } from 'node:crypto';
import type { OidcClientOptions, OidcMultiAuthOptions } from '../../lib/configuration/options';
import { resolveConfiguration } from '../../lib/configuration/resolve-configuration';
import type { Decision } from '../../lib/core/decision/decision';
import { chooseAgain, type SeenToken } from '../../lib/decision/seen-token';
import { TokenVerifier } from '../../lib/decision/token-verifier';
import { VerificationCache } from '../../lib/decision/verification-cache';
import type { Issuer } from '../../lib/issuer/issuer';
import { Issuers } from '../../lib/issuer/issuers';
import { NOW, outcomeOf } from '../hardening/support/core';
import { base64url, Signer } from '../hardening/support/signer';
import { MemoryLogger } from '../support/test-app';

const ISSUER = 'https://issuer.example';
const SECRET = 'a shared secret of at least 32 octets';

let signer: Signer;
let now: number;
beforeAll(async () => {
  signer = await Signer.create('RS256', 'key-1');
});
beforeEach(() => {
  now = NOW;
});
afterEach(() => jest.restoreAllMocks());

/** A verifier with its cache, for clients of one issuer. */
function remembering(
  clients: readonly Partial<OidcClientOptions>[],
  options: Partial<OidcMultiAuthOptions> = {},
): { readonly decide: (token: string, ...route: string[]) => Decision; readonly cache: VerificationCache | undefined } {
  const configuration = resolveConfiguration({
    ...options,
    clients: clients.map((client) => ({
      name: 'web',
      audience: 'web',
      issuer: ISSUER,
      clockTolerance: 0,
      ...(client.secret === undefined && { jwks: { keys: [signer.jwk] } }),
      ...client,
    })),
  });
  const clock = { now: () => now, monotonic: () => now };
  const issuers = Issuers.of(configuration.issuers, configuration, clock, new MemoryLogger());
  const cache = VerificationCache.of(configuration.cacheBytes);
  const verifier = new TokenVerifier(configuration.clients, issuers, clock, configuration.maxTokenBytes, cache);
  return {
    cache,
    decide: (token, ...route) => {
      const decision = verifier.decide(token, route.length === 0 ? undefined : new Set(route));
      if (decision instanceof Promise) {
        throw new Error('the decision was left to the network');
      }
      return decision;
    },
  };
}

const tokenOf = (claims: object = {}): string =>
  signer.sign({ iss: ISSUER, aud: 'web', sub: 's', exp: NOW + 300, ...claims });

describe('LIB-29 a token that comes again', () => {
  it('costs no cryptography, and gets a principal of its own', () => {
    const verify = jest.spyOn(crypto, 'createVerify');
    const { decide } = remembering([{ roles: 'roles' }]);
    const token = tokenOf({ roles: ['a'], scope: 'x y', deep: { list: [1] } });
    const [first, second, third] = [decide(token), decide(token), decide(token)];
    expect(verify).toHaveBeenCalledTimes(1);
    if (!first.accepted || !second.accepted || !third.accepted) {
      throw new Error('refused');
    }
    expect(second).toEqual(first);
    (second.principal.roles as string[]).push('admin');
    (second.principal.scopes as string[]).length = 0;
    (second.principal.claims['deep'] as { list: number[] }).list.push(2);
    expect(third.principal.roles).toEqual(['a']);
    expect(third.principal.scopes).toEqual(['x', 'y']);
    expect(third.principal.claims['deep']).toEqual({ list: [1] });
  });

  it('is verified each time where the cache is off', () => {
    const verify = jest.spyOn(crypto, 'createVerify');
    const { decide, cache } = remembering([{}], { verificationCache: false });
    const token = tokenOf();
    expect([decide(token), decide(token)].map(outcomeOf)).toEqual(['accepted', 'accepted']);
    expect(verify).toHaveBeenCalledTimes(2);
    expect(cache).toBeUndefined();
  });

  it('is refused once it has expired, before it is valid again where the clock went back, and after a sunset', () => {
    const { decide } = remembering([
      { deprecated: { since: new Date(0), sunset: new Date((NOW + 200) * 1000) } },
      { name: 'other', audience: 'other' },
    ]);
    const retiring = tokenOf({ nbf: NOW });
    const expiring = tokenOf({ aud: 'other' });
    const at = (seconds: number): string[] => {
      now = NOW + seconds;
      return [retiring, expiring].map((token) => outcomeOf(decide(token)));
    };
    expect(at(0)).toEqual(['accepted', 'accepted']);
    expect(at(199)).toEqual(['accepted', 'accepted']);
    expect(at(-1)).toEqual(['token_not_active', 'accepted']);
    expect(at(0)).toEqual(['accepted', 'accepted']);
    expect(at(200)).toEqual(['client_retired', 'accepted']);
    expect(at(300)).toEqual(['client_retired', 'token_expired']);
  });

  it("is put to the client's own functions each time, with claims that they may change", () => {
    const seen: unknown[] = [];
    let answer: unknown = true;
    const { decide } = remembering([
      {
        validate: (claims) => {
          seen.push({ ...claims });
          Object.assign(claims, { sub: 'changed', exp: NOW + 9_999 });
          return answer as boolean;
        },
        scopes: () => [String(seen.length)],
      },
    ]);
    const token = tokenOf();
    const scopes = [1, 2, 3].map(() => {
      const decision = decide(token);
      return decision.accepted && decision.principal.scopes[0];
    });
    expect(scopes).toEqual(['1', '2', '3']);
    expect(new Set(seen.map((claims) => JSON.stringify(claims))).size).toBe(1);
    answer = 'yes';
    expect(outcomeOf(decide(token))).toBe('invalid_claims');
    answer = true;
    now = NOW + 300;
    expect(outcomeOf(decide(token))).toBe('token_expired');
  });

  it('is for the client that its route is for', () => {
    const { decide } = remembering([{}, { name: 'batch', audience: 'batch' }]);
    const both = tokenOf({ aud: ['web', 'batch'] });
    const clientOf = (...route: string[]): string => {
      const decision = decide(both, ...route);
      return decision.accepted ? decision.principal.client : decision.code;
    };
    expect([clientOf('web'), clientOf('batch'), clientOf(), clientOf('web')]).toEqual([
      'web',
      'batch',
      'ambiguous_client',
      'web',
    ]);
    const web = tokenOf();
    expect([decide(web), decide(web, 'batch'), decide(web, 'web')].map(outcomeOf)).toEqual([
      'accepted',
      'client_not_allowed',
      'accepted',
    ]);
  });

  it('is nobody else’s: not in another configuration, and not where only its end is the same', () => {
    const clients = [{ name: 'shared', audience: 'shared', secret: SECRET }];
    const { decide, cache } = remembering(clients);
    const sign = (claims: object): string => {
      const input = `${base64url({ alg: 'HS256' })}.${base64url({ iss: ISSUER, aud: 'shared', exp: NOW + 300, ...claims })}`;
      return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
    };
    const token = sign({ sub: 'a' });
    const signature = token.slice(-43);
    expect(token.at(-44)).toBe('.');
    expect([decide(token), decide(token)].map(outcomeOf)).toEqual(['accepted', 'accepted']);
    const forged = `${sign({ sub: 'b' }).slice(0, -43)}${signature}`;
    expect(outcomeOf(decide(forged))).toBe('invalid_signature');
    expect(cache?.find(forged)).toBeUndefined();
    expect(cache?.find(token)?.text).toBe(token);

    const stranger = remembering([{ ...clients[0], secret: `${SECRET} of another` }]);
    expect(outcomeOf(stranger.decide(token))).toBe('invalid_signature');
  });

  it('is selected anew where its issuer turned out to be called otherwise', () => {
    const { decide, cache } = remembering([{}]);
    const token = tokenOf();
    decide(token);
    const seen = cache?.find(token) as SeenToken;
    expect(chooseAgain(seen, undefined)).toBe(true);
    expect(chooseAgain({ ...seen, issuer: { identifier: `${ISSUER}/` } as Issuer }, undefined)).toBeUndefined();
  });
});

describe('LIB-29 what is remembered', () => {
  it('is nothing of a token that was refused', () => {
    const { decide, cache } = remembering([{ validate: ({ sub }) => sub === 's' }]);
    const good = tokenOf();
    const refused = [
      `${good.slice(0, -9)}AAAAAAAAA`,
      `${good}=`,
      tokenOf({ exp: NOW }),
      tokenOf({ aud: 'other' }),
      tokenOf({ sub: 'other' }),
      tokenOf({ iss: 'https://other.example' }),
    ];
    expect(refused.map((token) => decide(token).accepted)).toEqual(refused.map(() => false));
    expect(outcomeOf(decide(good, 'other'))).toBe('client_not_allowed');
    expect(cache?.use).toEqual({ bytes: 0, tokens: 0 });
  });

  it('stays within its bytes, and what comes often is not driven out by what comes once', () => {
    const verify = jest.spyOn(crypto, 'createVerify');
    const { decide, cache } = remembering([{}], { verificationCache: { maxBytes: 65_536 } });
    const hot = tokenOf({ sub: 'hot' });
    for (let flood = 0; flood < 300; flood += 1) {
      expect([decide(hot), decide(tokenOf({ sub: `cold ${flood}` }))].map(outcomeOf)).toEqual(['accepted', 'accepted']);
      expect(cache?.use.bytes).toBeLessThanOrEqual(65_536);
    }
    // The hot one once, and each of the others.
    expect(verify).toHaveBeenCalledTimes(301);
    expect(cache?.use.tokens).toBeGreaterThan(20);
    expect(cache?.use.tokens).toBeLessThan(100);
  });

  it('is not what would not fit, and of a token in several spellings only the one that there is', () => {
    const { decide, cache } = remembering([{}], { maxTokenBytes: 300_000, verificationCache: { maxBytes: 65_536 } });
    const large = tokenOf({ large: 'x'.repeat(60_000) });
    expect([decide(large), decide(large)].map(outcomeOf)).toEqual(['accepted', 'accepted']);
    expect(cache?.use).toEqual({ bytes: 0, tokens: 0 });
    const token = tokenOf();
    decide(token);
    for (const spelling of [`${token}=`, token.replace('.', '=.'), ` ${token}`, `${token}\n`]) {
      expect(outcomeOf(decide(spelling))).toBe('malformed_token');
    }
    expect(cache?.use.tokens).toBe(1);
  });
});
