/**
 * What revocation costs a decision: without it, and with 1,000,000 entries. Interleaved rounds, medians.
 *
 *   npm run build && node --expose-gc bench/revocation.mjs
 */
import { createRequire } from 'node:module';
import { TestIssuer } from '../dist/testing/index.js';

const { OidcRuntime } = createRequire(import.meta.url)('../dist/nest/runtime/oidc-runtime.js');

const ENTRIES = 1_000_000;
const ROUNDS = 41;
const SILENT = { log() {}, warn() {}, error() {}, debug() {} };
const issuer = await TestIssuer.start();

const runtimeOf = (rest) =>
  new OidcRuntime(
    { clients: [{ name: 'api', audience: 'api', issuer: issuer.issuer, jwks: issuer.jwks }], ...rest },
    SILENT,
  );
const memory = () => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const without = runtimeOf({ verificationCache: { maxBytes: 1e9 } });
const withEntries = runtimeOf({ verificationCache: { maxBytes: 1e9 }, revocation: {} });
const before = memory();
const { index } = withEntries.revocations;
const now = Date.now() / 1000;
for (let count = 0; count < ENTRIES; count += 1) {
  const kind = ['token', 'session', 'subject'][count % 3];
  const times = { revokedAt: now, expiresAt: now + 86_400 };
  index.add({ id: '', kind, issuer: issuer.issuer, value: `value-${count}`, origin: 'application', ...times }, now);
}
process.stdout.write(`${Math.round((memory() - before) / index.size)} bytes an entry, ${index.size} entries\n`);

const claims = (number) => ({ sid: `session-${number}`, sub: `user-${number}` });
const tokens = await Promise.all(
  Array.from({ length: 400 }, (_, number) => issuer.tokenFor('api', { expiresIn: 36_000, claims: claims(number) })),
);

/** Nanoseconds a decision. */
function measure(runtime, isRemembered) {
  const verifier = isRemembered ? runtime.current.verifier : runtime.current.verifier.atThisMoment().verifier;
  const repeat = isRemembered ? 50 : 1;
  const startedAt = process.hrtime.bigint();
  for (let times = 0; times < repeat; times += 1) {
    for (const token of tokens) {
      if (!verifier.decide(token).accepted) {
        throw new Error('a good token was refused');
      }
    }
  }
  return Number(process.hrtime.bigint() - startedAt) / (repeat * tokens.length);
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
for (const isRemembered of [false, true]) {
  const ratios = [];
  const costs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = round % 2 === 0 ? [without, withEntries] : [withEntries, without];
    const found = new Map(order.map((runtime) => [runtime, measure(runtime, isRemembered)]));
    ratios.push(found.get(withEntries) / found.get(without));
    costs.push(found.get(without));
  }
  const kind = isRemembered ? 'a remembered token' : 'a new token';
  process.stdout.write(`${kind}: ${median(ratios).toFixed(3)} x of ${Math.round(median(costs))} ns\n`);
}
without.current.issuers.close();
withEntries.current.issuers.close();
await issuer.stop();
