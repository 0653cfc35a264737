/** What proofs of possession cost (DPoP), in a process that does nothing else. Each proof is used once. */
import { createPublicKey, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { summary } from './measure.mjs';
const SILENT = { log() {}, warn() {}, error() {}, debug() {} };

const require = createRequire(import.meta.url);
const { OidcRuntime } = require('../dist/nest/runtime/oidc-runtime.js');
const { ReplayMemory } = require('../dist/decision/replay-memory.js');
const { TestIssuer, TestProofKey } = require('../dist/testing/index.js');

const ORIGIN = 'https://api.example';

/** Microseconds of the processor for each of so many runs. */
function timeOf(run, count) {
  const began = process.cpuUsage();
  for (let index = 0; index < count; index += 1) {
    run();
  }
  const { user, system } = process.cpuUsage(began);
  return (user + system) / count;
}

/** Ratios of one to another, round by round, after a round that is not counted. */
function ratiosOf(rounds, one, other, count) {
  const found = [];
  for (let round = -1; round < rounds; round += 1) {
    const [time, base] = round % 2 === 0 ? [timeOf(one, count), timeOf(other, count)] : swapped(one, other, count);
    if (round >= 0) {
      found.push(time / base);
    }
  }
  return summary(found);
}

function swapped(one, other, count) {
  const base = timeOf(other, count);
  return [timeOf(one, count), base];
}

/** A request as Node.js has it, decided by a guard's way. */
function decide(runtime, authorization, dpop) {
  const headers = { host: 'x', authorization, ...(dpop && { dpop }) };
  const request = { headers, rawHeaders: Object.entries(headers).flat(), method: 'GET', url: '/mines' };
  const decision = runtime.current.authenticator.authenticate(
    runtime.current.tokenSources.read(request),
    request,
    undefined,
  );
  if (decision.accepted !== true) {
    throw new Error('refused');
  }
}

export async function measurePossession({ rounds, proofs, entries }) {
  const [issuer, key] = await Promise.all([TestIssuer.start(), TestProofKey.create()]);
  const clients = [{ name: 'web', audience: 'web', issuer: issuer.issuer, jwks: issuer.jwks, preset: 'gold-sso' }];
  const [on, off] = [{ proofOfPossession: { origins: [ORIGIN], maxProofAge: 600 } }, {}].map(
    (more) => new OidcRuntime({ clients, ...more }, SILENT),
  );
  const bound = await issuer.tokenFor('web', { claims: { cnf: key.confirmation } });
  const plain = await issuer.tokenFor('web');
  const fresh = Array.from({ length: 2 * proofs * (rounds + 1) }, () =>
    key.proofFor(bound, { url: `${ORIGIN}/mines` }),
  );
  const publicKey = createPublicKey({ key: key.jwk, format: 'jwk' });
  const verifyOnly = () => {
    const [header, claims, signature] = fresh.pop().split('.');
    JSON.parse(Buffer.from(claims, 'base64url'));
    const how = { key: publicKey, dsaEncoding: 'ieee-p1363' };
    if (!verify('sha256', Buffer.from(`${header}.${claims}`), how, Buffer.from(signature, 'base64url'))) {
      throw new Error('not valid');
    }
  };
  const proof = ratiosOf(rounds, () => decide(on, `DPoP ${bound}`, fresh.pop()), verifyOnly, proofs);
  const bearer = (runtime) => () => decide(runtime, `Bearer ${plain}`);
  const plainTokens = ratiosOf(rounds, bearer(on), bearer(off), 50 * proofs);
  const memory = new ReplayMemory({ now: () => 0, monotonic: () => 0 }, 80, 2 ** 32);
  for (let index = 0; index < entries; index += 1) {
    memory.remember(String(index), index % 80);
  }
  await issuer.stop();
  on.current.issuers.close();
  off.current.issuers.close();
  return { proof, bearer: plainTokens, bytes: memory.use.bytes / entries };
}
