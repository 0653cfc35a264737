/** What is compared: each as it comes from npm, set up as its documentation says. */
import { createRequire } from 'node:module';
import { JwtVerifier } from 'aws-jwt-verify';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import jwksRsa from 'jwks-rsa';
import passportJwt from 'passport-jwt';

const require = createRequire(new URL('../package.json', import.meta.url));
// The library under test, as it is built here.
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { OidcAuthService, OidcMultiAuthModule } = require('nestjs-oidc-multi-auth');

/** An answer: whether the token was accepted, and what the caller would be told. */
const accepted = { ok: true, told: '200' };
const refused = (told) => ({ ok: false, told });

async function ours(issuers) {
  class ChaosModule {}
  const clients = issuers.map(({ issuer }, index) => ({ name: `client-${index}`, audience: 'chaos', issuer }));
  Module({ imports: [OidcMultiAuthModule.forRoot({ clients })] })(ChaosModule);
  const app = await NestFactory.createApplicationContext(ChaosModule, { logger: false });
  const auth = app.get(OidcAuthService);
  return {
    async verify(token) {
      const decision = await auth.decide(token);
      if (decision.accepted) {
        return accepted;
      }
      return refused(
        decision.code === 'keys_unavailable'
          ? `503, Retry-After ${decision.retryAfter > 0 ? 'given' : 'missing'}`
          : `401 ${decision.code}`,
      );
    },
    close: () => app.close(),
  };
}

/** Several issuers by the one `iss` of the token, as applications do that use these libraries. */
const byIssuer = (issuers, create) => {
  const verifiers = new Map(issuers.map((provider) => [provider.issuer, create(provider)]));
  return {
    async verify(token) {
      const { iss } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
      try {
        await verifiers.get(iss)(token);
        return accepted;
      } catch (error) {
        return refused(`error ${error?.code ?? error?.name ?? error}`);
      }
    },
    close() {},
  };
};

const jose = (issuers) =>
  byIssuer(issuers, ({ issuer, jwksUri }) => {
    const keys = createRemoteJWKSet(new URL(jwksUri));
    return (token) => jwtVerify(token, keys, { issuer, audience: 'chaos' });
  });

const aws = (issuers) =>
  byIssuer(issuers, ({ issuer, jwksUri }) => {
    const verifier = JwtVerifier.create({ issuer, audience: 'chaos', jwksUri });
    return (token) => verifier.verify(token);
  });

const passport = (issuers) =>
  byIssuer(issuers, ({ issuer, jwksUri }) => {
    const strategy = new passportJwt.Strategy(
      {
        jwtFromRequest: passportJwt.ExtractJwt.fromAuthHeaderAsBearerToken(),
        secretOrKeyProvider: jwksRsa.passportJwtSecret({ cache: true, jwksUri }),
        issuer,
        audience: 'chaos',
        algorithms: ['RS256'],
      },
      (claims, done) => done(null, claims),
    );
    return (token) =>
      new Promise((resolve, reject) => {
        const run = Object.create(strategy);
        run.success = resolve;
        run.fail = (reason) => reject(new Error(reason?.name ?? String(reason)));
        run.error = reject;
        run.authenticate({ headers: { authorization: `Bearer ${token}` } });
      }).catch((error) => {
        throw Object.assign(new Error(error.message), {
          code: `401 ${error.name === 'Error' ? error.message : error.name}`,
        });
      });
  });

export const SUBJECTS = {
  'nestjs-oidc-multi-auth': ours,
  jose,
  'aws-jwt-verify': aws,
  'passport-jwt + jwks-rsa': passport,
};
