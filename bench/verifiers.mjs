/** What is compared: each as it comes from npm, set up as its documentation says, with its keys in hand. */
import { createRequire } from 'node:module';
import { JwtVerifier } from 'aws-jwt-verify';
import { auth } from 'express-oauth2-jwt-bearer';
import { createVerifier } from 'fast-jwt';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import jwksRsa from 'jwks-rsa';
import passportJwt from 'passport-jwt';
import { audienceOf } from './world.mjs';

const require = createRequire(import.meta.url);
// The library under test, as it is built here.
const { OidcRuntime } = require('../dist/nest/runtime/oidc-runtime.js');

export const SILENT = { log() {}, warn() {}, error() {}, debug() {} };

/** The library's own decision, synchronous as its guards take it. */
export function ours(world, options = {}) {
  const runtime = new OidcRuntime(
    {
      clients: [{ name: 'web', audience: audienceOf(0), issuer: world.issuer(), jwks: world.jwks, preset: 'gold-sso' }],
      ...options,
    },
    SILENT,
  );
  return (token) => runtime.current.verifier.decide(token);
}

const accepted = (decide) => (token) => {
  if (!decide(token).accepted) {
    throw new Error('refused');
  }
};

/** A Passport strategy driven for one token, as its documentation sets it up with jwks-rsa. */
function passport(world, algorithm) {
  const strategy = new passportJwt.Strategy(
    {
      jwtFromRequest: passportJwt.ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: jwksRsa.passportJwtSecret({
        cache: true,
        jwksUri: `${world.issuer()}/protocol/openid-connect/certs`,
      }),
      issuer: world.issuer(),
      audience: audienceOf(0),
      algorithms: [algorithm],
    },
    (claims, done) => done(null, claims),
  );
  return (token) =>
    new Promise((resolve, reject) => {
      const run = Object.create(strategy);
      run.success = resolve;
      run.fail = (reason) => reject(new Error(String(reason)));
      run.error = reject;
      run.authenticate({ headers: { authorization: `Bearer ${token}` } });
    });
}

function express(world, algorithm) {
  const middleware = auth({
    issuer: world.issuer(),
    audience: audienceOf(0),
    jwksUri: `${world.issuer()}/protocol/openid-connect/certs`,
    tokenSigningAlg: algorithm,
  });
  return (token) =>
    new Promise((resolve, reject) => {
      const headers = { host: 'api.example', authorization: `Bearer ${token}` };
      const get = (name) => headers[name.toLowerCase()];
      const request = { headers, get, protocol: 'https', method: 'GET', url: '/', query: {}, is: () => false };
      middleware(request, {}, (error) => (error ? reject(error) : resolve(request.auth)));
    });
}

/**
 * The others by name, for one algorithm: `(token) => result` that throws or rejects where it refuses. What does not know
 * the algorithm is left out.
 */
export async function competitors(world, algorithm) {
  const jwksUri = `${world.issuer()}/protocol/openid-connect/certs`;
  const claims = { issuer: world.issuer(), audience: audienceOf(0) };
  const keys = createRemoteJWKSet(new URL(jwksUri));
  const pem = world.publicKey(algorithm).export({ type: 'spki', format: 'pem' });
  const fast = (cache) =>
    createVerifier({
      key: pem,
      algorithms: [algorithm],
      allowedIss: claims.issuer,
      allowedAud: claims.audience,
      cache,
    });
  const aws = () => {
    const verifier = JwtVerifier.create({ ...claims, jwksUri });
    verifier.cacheJwks(world.jwks);
    return (token) => verifier.verifySync(token);
  };
  // Each with whether it answers with a promise.
  const candidates = {
    'passport-jwt + jwks-rsa': [true, () => passport(world, algorithm)],
    'express-oauth2-jwt-bearer': [true, () => express(world, algorithm)],
    jose: [true, () => (token) => jwtVerify(token, keys, claims)],
    'aws-jwt-verify': [false, aws],
    'fast-jwt': [false, () => fast(false)],
    'fast-jwt, its cache': [false, () => fast(1000)],
  };
  const token = world.token(algorithm);
  const working = {};
  for (const [name, [isAsync, create]] of Object.entries(candidates)) {
    try {
      const verify = create();
      await verify(token);
      working[name] = { isAsync, verify };
    } catch {
      // It does not know the algorithm.
    }
  }
  return working;
}

/** This library: as if every token were the first, and with memory. */
export const subjectsOfOurs = (world) => ({
  forgetful: accepted(ours(world, { verificationCache: false })),
  // So little memory that no token is still there when it comes again, and each drives out another.
  firstSight: accepted(ours(world, { verificationCache: { maxBytes: 65_536 } })),
  remembering: accepted(ours(world, { verificationCache: { maxBytes: 128_000_000 } })),
});
