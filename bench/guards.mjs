/** What stands before the route of a whole application, each as a user of it would write it. */
import { createPublicKey, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { UnauthorizedException } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { JwtVerifier } from 'aws-jwt-verify';
import { auth } from 'express-oauth2-jwt-bearer';
import { createVerifier } from 'fast-jwt';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import jwksRsa from 'jwks-rsa';
import passport from 'passport';
import passportJwt from 'passport-jwt';

// The library under test, as it is built here.
const { MultiJwtGuard, OidcMultiAuthModule } = createRequire(new URL('../package.json', import.meta.url))(
  'nestjs-oidc-multi-auth',
);

/** A guard class around a function from a token to claims. */
function guardOf(decide) {
  return class {
    async canActivate(context) {
      const request = context.switchToHttp().getRequest();
      try {
        request.user = await decide(request.headers.authorization.slice('Bearer '.length));
        return true;
      } catch {
        throw new UnauthorizedException();
      }
    }
  };
}

class DoesNothing {
  canActivate() {
    return true;
  }
}

/** The least that remembers: finds a token again by its end, compares all of it, and checks nothing. */
function findsAgain() {
  const seen = new Map();
  return class {
    canActivate(context) {
      const request = context.switchToHttp().getRequest();
      const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
      const end = token.slice(-43);
      if (seen.get(end)?.token !== token && seen.size < 1000) {
        seen.set(end, { token: Buffer.from(token).toString() });
      }
      request.user = seen.get(end);
      return true;
    }
  };
}

/** So many objects take about 20 MB, as 10,000 clients and their options do. */
let held;
const hold = () => {
  held ??= Array.from({ length: 200_000 }, (_, index) => ({ index, name: `object ${index}` }));
  return { guards: [] };
};

/** The least there can be: takes the token apart, verifies it, looks at `exp`; for one issuer's one key, in hand. */
function verifyOnly({ pem }) {
  const key = createPublicKey(pem);
  return class {
    canActivate(context) {
      const request = context.switchToHttp().getRequest();
      const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
      const [header, claims, signature] = token.split('.');
      if (signature === undefined) {
        throw new UnauthorizedException();
      }
      const isRs256 = JSON.parse(Buffer.from(header, 'base64url')).alg === 'RS256';
      const input = Buffer.from(`${header}.${claims}`);
      if (!isRs256 || !verify('sha256', input, key, Buffer.from(signature, 'base64url'))) {
        throw new UnauthorizedException();
      }
      request.user = JSON.parse(Buffer.from(claims, 'base64url'));
      if (request.user.exp < Date.now() / 1000) {
        throw new UnauthorizedException();
      }
      return true;
    }
  };
}

const oursWith =
  (options, more = {}) =>
  ({ issuer, audiences }) => ({
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: audiences.map((audience, index) => ({
          name: `client-${index}`,
          audience,
          issuer,
          preset: 'gold-sso',
          ...more,
        })),
        ...options,
      }),
    ],
    guards: [MultiJwtGuard],
  });

/** A Passport strategy for each client, as the documentation of Nest has it, and a guard with the names of all. */
function stock({ issuer, jwksUri, audiences }) {
  const names = audiences.map((audience, index) => {
    const options = {
      jwtFromRequest: passportJwt.ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: jwksRsa.passportJwtSecret({ cache: true, rateLimit: true, jwksUri }),
      issuer,
      audience,
      algorithms: ['RS256'],
    };
    passport.use(`client-${index}`, new passportJwt.Strategy(options, (claims, done) => done(null, claims)));
    return `client-${index}`;
  });
  return { guards: [AuthGuard(names)] };
}

async function keycloak({ issuer, audiences }) {
  // Loaded here alone, for it brings much.
  const { AuthGuard: KeycloakGuard, KeycloakConnectModule, TokenValidation } = await import('nest-keycloak-connect');
  const [authServerUrl, realm] = issuer.split('/realms/');
  const options = {
    authServerUrl,
    realm,
    clientId: audiences[0],
    secret: 'x',
    tokenValidation: TokenValidation.OFFLINE,
  };
  return { imports: [KeycloakConnectModule.register({ ...options, logLevels: [] })], guards: [KeycloakGuard] };
}

const fast =
  (cache) =>
  ({ pem, issuer, audiences }) => ({
    guards: [
      guardOf(
        createVerifier({
          key: pem,
          algorithms: ['RS256'],
          allowedIss: issuer,
          allowedAud: audiences,
          cache,
          cacheTTL: 600_000,
        }),
      ),
    ],
  });

/** By name: what it imports, its guards, and what it puts before all routes. */
export const GUARDS = {
  'no guard': () => ({ guards: [] }),
  'a guard that does nothing': () => ({ guards: [DoesNothing] }),
  'found again, nothing checked': () => ({ guards: [findsAgain()] }),
  'no guard, 20 MB held': hold,
  'verification only': (world) => ({ guards: [verifyOnly(world)] }),
  'this library': oursWith({}),
  // So little memory that no token is still there when it comes again.
  'this library, first sight': oursWith({ verificationCache: { maxBytes: 65_536 } }),
  'this library, opaque tokens': oursWith(
    {},
    { introspection: { clientId: 'api', clientSecret: 'secret', cacheFor: 300, negativeCacheFor: 300 } },
  ),
  AuthGuard: stock,
  'express-oauth2-jwt-bearer': ({ issuer, jwksUri, audiences }) => {
    const authenticate = auth({ issuer, jwksUri, audience: audiences[0], tokenSigningAlg: 'RS256' });
    const middleware = (request, response, next) =>
      authenticate(request, response, (error) => next(error && new UnauthorizedException()));
    return { guards: [], middleware };
  },
  jose({ issuer, jwksUri, audiences }) {
    const keys = createRemoteJWKSet(new URL(jwksUri));
    const decide = async (token) => (await jwtVerify(token, keys, { issuer, audience: audiences })).payload;
    return { guards: [guardOf(decide)] };
  },
  'aws-jwt-verify'({ issuer, jwksUri, jwks, audiences }) {
    const verifier = JwtVerifier.create({ issuer, audience: audiences, jwksUri });
    // It fetches over https alone.
    verifier.cacheJwks(jwks);
    return { guards: [guardOf((token) => verifier.verify(token))] };
  },
  'fast-jwt': fast(false),
  'fast-jwt, its cache': fast(1000),
  'nest-keycloak-connect': keycloak,
};
