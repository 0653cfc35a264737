/** What a token costs by itself, as a ratio to `crypto.verify` of the same tokens. */
import { verify } from 'node:crypto';
import { compare } from './measure.mjs';
import { competitors, ours, subjectsOfOurs } from './verifiers.mjs';
import { ALGORITHMS } from './world.mjs';

/** `crypto.verify` alone, of what is decoded and taken apart already. */
function raw(world, algorithm, tokens) {
  const { hash, extra } = ALGORITHMS[algorithm];
  const key = extra ? { key: world.publicKey(algorithm), ...extra } : world.publicKey(algorithm);
  const parts = tokens.map((token) => {
    const dot = token.lastIndexOf('.');
    return [Buffer.from(token.slice(0, dot)), Buffer.from(token.slice(dot + 1), 'base64url')];
  });
  return (index) => {
    const [input, signature] = parts[index % parts.length];
    if (!verify(hash, input, key, signature)) {
      throw new Error('not valid');
    }
  };
}

export const FLOOR = 'taken apart and verified, nothing checked';

/** The floor: a token is taken apart, decoded and verified, and nothing else is looked at. */
function takenApart(world, algorithm) {
  const { hash, extra } = ALGORITHMS[algorithm];
  const key = extra ? { key: world.publicKey(algorithm), ...extra } : world.publicKey(algorithm);
  return (token) => {
    const [header, claims, signature] = token.split('.');
    JSON.parse(Buffer.from(header, 'base64url'));
    const read = JSON.parse(Buffer.from(claims, 'base64url'));
    if (!verify(hash, Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))) {
      throw new Error('not valid');
    }
    return read;
  };
}

/** Tokens at first sight and seen before, by algorithm and library. */
export async function measureAccepted(world, algorithm, { first, many, ...effort }) {
  const tokens = Array.from({ length: first }, () => world.token(algorithm));
  const each = (decide, some = tokens) => ({ run: (index) => decide(some[index % some.length]) });
  const { forgetful, firstSight, remembering } = subjectsOfOurs(world);
  const hot = tokens.slice(0, 64);
  const subjects = {
    raw: { run: raw(world, algorithm, tokens) },
    [FLOOR]: each(takenApart(world, algorithm)),
    'this library': each(firstSight),
    'this library, cache off': each(forgetful),
    'this library, 64 tokens seen before': each(remembering, hot),
  };
  if (many > 0) {
    const crowd = Array.from({ length: many }, () => world.token(algorithm));
    const { remembering: large } = subjectsOfOurs(world);
    crowd.forEach(large);
    subjects[`this library, ${many} tokens seen before`] = each(large, crowd);
  }
  for (const [name, { isAsync, verify: decide }] of Object.entries(await competitors(world, algorithm))) {
    subjects[name] = { isAsync, ...each(decide, name.endsWith('its cache') ? hot : tokens) };
  }
  return compare(subjects, effort);
}

/** What refusals cost: none of these but the last has to do with cryptography. */
export async function measureRefused(world, effort) {
  const tokens = Array.from({ length: 300 }, () => world.token('RS256'));
  const decide = ours(world);
  const several = (make) => {
    const some = Array.from({ length: 50 }, make);
    return { run: (index) => decide(some[index % some.length]) };
  };
  const random = (index) =>
    tokens[index].replaceAll(/[A-Y]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 1));
  const subjects = {
    raw: { run: raw(world, 'RS256', tokens) },
    'unknown issuer': several(() => world.token('RS256', { iss: 'https://other.example' })),
    'foreign audience': several(() => world.token('RS256', { aud: 'another-api' })),
    expired: several(() => world.token('RS256', { exp: Math.floor(Date.now() / 1000) - 3600 })),
    'garbage without dots': several((_, index) => tokens[index].replaceAll('.', '-')),
    'garbage of three parts': several((_, index) => random(index)),
    'a bad signature': several(() => world.forged('RS256')),
  };
  for (const [name, { run }] of Object.entries(subjects)) {
    if (name !== 'raw' && run(0).accepted !== false) {
      throw new Error(`${name} is not refused`);
    }
  }
  return compare(subjects, effort);
}
