import type { Measurement } from './cost/costs';
import { SHAPES } from './cost/shapes';
import { decideNow, NOW, verifierOf } from './support/core';
import { runScript } from './support/run-script';
import { Signer } from './support/signer';

describe('what a refusal costs', () => {
  let measurements: readonly Measurement[];
  beforeAll(async () => {
    measurements = (await runScript('cost.mjs')) as readonly Measurement[];
    for (const { name, costs } of measurements) {
      const costliest = costs.toSorted((one, other) => other.ratio - one.ratio).slice(0, 3);
      const told = costliest.map(({ what, ratio }) => `${ratio.toFixed(2)} (${what})`);
      process.stdout.write(`cost ${name}: ${told.join(', ')}\n`);
    }
  }, 180_000);

  it.each([
    [
      'R8725-08 is at most twice what the same token costs that is good, whatever is in it and whatever is wrong with it',
      'against a good token of the same content',
      2,
      10 * SHAPES.length,
    ],
    [
      'LIB-06 is at most twice what the costliest good token costs, however many clients could be meant',
      'where hundreds of clients could be meant, against the costliest good token',
      2,
      8,
    ],
    [
      'FAPI-07 is at most twice what the last of many keys under one id costs that did sign',
      'where ten keys have one id, against what the last of them signed',
      2,
      1,
    ],
    [
      'LIB-09 LIB-27 is less than that of any good token where a token is too long, or no token',
      'what is too long or no token, against the smallest good one',
      1,
      7,
    ],
    [
      'R8725-08 grows with the token and not with its square, where longer ones are let in',
      'of eight times the length',
      27,
      SHAPES.length,
    ],
  ])('%s', (_title, name, limit, count) => {
    const measurement = measurements.find((one) => one.name === name);
    expect(measurement?.limit).toBe(limit);
    expect(measurement?.costs).toHaveLength(count);
    expect(measurement?.costs.filter(({ ratio }) => !(ratio <= limit))).toEqual([]);
  });
});

it('R7519-11 names like __proto__ among the claims change nothing else', async () => {
  const before = Object.getOwnPropertyNames(Object.prototype).toSorted();
  const signer = await Signer.create('EdDSA', 'key-1');
  const issuer = 'https://issuer.example';
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
  const nested = names.reduceRight((inner, name) => `{"${name}":${inner},"polluted":1}`, '{"polluted":1}');
  const token = signer.sign(
    `{"iss":"${issuer}","aud":"api","exp":${NOW + 300},${names.map((name) => `"${name}":${nested}`).join(',')}}`,
  );
  const jwks = { keys: [signer.jwk] };
  const decision = decideNow(verifierOf([{ name: 'api', audience: 'api', issuer, jwks }]), token);
  expect(decision.accepted && Object.keys(decision.principal.claims)).toEqual(['iss', 'aud', 'exp', ...names]);
  expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(before);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
