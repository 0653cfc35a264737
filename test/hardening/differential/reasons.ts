import type { RefusalCode } from '../../../lib/core/refusal/refusal-code';
import { NOW } from '../support/core';
import { repeatsName, type Reading } from './reading';

/** Why the library and jose may differ on a token. */
export interface Reason {
  readonly what: string;
  readonly why: string;
  /** What the library does, and jose does not. */
  readonly library: 'accepts' | RefusalCode;
  readonly applies: (reading: Reading) => boolean;
}

/** The longest token that the library looks at, unless told otherwise. */
const MAX_TOKEN_BYTES = 16_384;

/** The key id that two keys have. */
export const TWINS = 'twins';

const isAbsentOrString = (value: unknown): boolean => value === undefined || typeof value === 'string';

/** Both are names of EdDSA with Ed25519, and ids of keys that say so. */
const EDDSA: ReadonlySet<unknown> = new Set(['EdDSA', 'Ed25519']);

/** Every reason there is. Each occurs, and occurs alone. */
export const REASONS: readonly Reason[] = [
  {
    what: 'a part that is not canonical base64url',
    why: 'jose reads padding, white space and set bits that mean nothing; here a token has one spelling (RFC 7515 section 2)',
    library: 'malformed_token',
    applies: ({ parts }) => parts.some((part) => Buffer.from(part, 'base64').toString('base64url') !== part),
  },
  {
    what: 'a name said twice',
    why: 'jose keeps the last, as RFC 7519 section 4 allows; here nobody may read another one than the issuer meant',
    library: 'malformed_token',
    applies: ({ headerText, claimsText }) => repeatsName(headerText) || repeatsName(claimsText),
  },
  {
    what: 'a byte order mark',
    why: 'jose skips it; it is no JSON (RFC 8259 section 8.1)',
    library: 'malformed_token',
    applies: ({ headerText, claimsText }) => [headerText, claimsText].some((text) => text.startsWith('\ufeff')),
  },
  {
    what: 'a time beyond the year 2286',
    why: 'jose takes any number; such a time is one in milliseconds, and would be good for thousands of years',
    library: 'invalid_claims',
    applies: ({ claims }) =>
      ['exp', 'nbf', 'iat'].some((name) => {
        const time = claims[name];
        return typeof time === 'number' && Math.abs(time) > 1e10;
      }),
  },
  {
    what: 'a token longer than the bound',
    why: 'jose has no bound',
    library: 'malformed_token',
    applies: ({ token }) => token.length > MAX_TOKEN_BYTES,
  },
  {
    what: '`b64` in the header',
    why: 'jose knows it from JWS and takes `true`; in a JWT it has no place (RFC 7797 section 7)',
    library: 'malformed_token',
    applies: ({ header }) => Object.hasOwn(header, 'b64'),
  },
  {
    what: '`cty` of a nested token, or no string',
    why: 'jose leaves `cty` to its caller; nested tokens are not read here (RFC 7519 section 5.2)',
    library: 'malformed_token',
    applies: ({ header: { cty } }) => !isAbsentOrString(cty) || /^(?:application\/)?jwt$/i.test(String(cty)),
  },
  {
    what: '`typ` of something else than an access token',
    why: 'jose checks `typ` only for one value that its caller names; here it is one of a few, or absent (RFC 8725 section 3.11)',
    library: 'wrong_token_type',
    applies: ({ header }) =>
      Object.hasOwn(header, 'typ') &&
      !['jwt', 'at+jwt', 'application/at+jwt'].includes(
        typeof header['typ'] === 'string' ? header['typ'].toLowerCase() : '',
      ),
  },
  {
    what: 'claims of an ID, refresh, offline or logout token, or of a security event',
    why: 'jose does not tell kinds of token apart by claims (RFC 8725 section 3.12)',
    library: 'wrong_token_type',
    applies: ({ claims }) =>
      ['ID', 'Serialized-ID', 'Refresh', 'Offline', 'Logout'].includes(String(claims['typ'])) ||
      ['at_hash', 'c_hash', 'events'].some((name) => Object.hasOwn(claims, name)),
  },
  {
    what: 'a token bound to its sender',
    why: 'jose leaves `cnf` to its caller; as a plain bearer token it would lose what binds it (RFC 9449 section 7.2)',
    library: 'invalid_claims',
    applies: ({ claims }) => Object.hasOwn(claims, 'cnf') || claims['typ'] === 'DPoP',
  },
  {
    what: '`sub`, `jti`, `azp` or `client_id` that is no string, or an empty `sub`',
    why: 'jose looks at none of these unless asked (RFC 7519 section 4.1.2, RFC 8725 section 3.8)',
    library: 'invalid_claims',
    applies: ({ claims }) =>
      !['sub', 'jti', 'azp', 'client_id'].every((name) => isAbsentOrString(claims[name])) || claims['sub'] === '',
  },
  {
    what: '`iat` in the future',
    why: 'jose compares `iat` only with a greatest age; a token that is not issued yet is somebody else’s mistake or worse',
    library: 'token_not_active',
    applies: ({ claims: { iat } }) => typeof iat === 'number' && Number.isFinite(iat) && iat > NOW + 30,
  },
  {
    what: '`aud` that is an array not of strings alone',
    why: 'jose looks for the audience among whatever is there (RFC 7519 section 4.1.3: an array of strings)',
    library: 'unknown_audience',
    applies: ({ claims: { aud } }) => Array.isArray(aud) && aud.some((audience) => typeof audience !== 'string'),
  },
  {
    what: '`Ed25519` with a key for `EdDSA`, or the reverse',
    why: 'jose compares the `alg` of token and key as text; they are two names of one algorithm (RFC 9864 section 2.2)',
    library: 'accepts',
    applies: ({ header: { alg, kid } }) => EDDSA.has(alg) && EDDSA.has(kid) && alg !== kid,
  },
  {
    what: 'no `kid`, and several keys that fit',
    why: 'jose leaves the choice to its caller; here each is tried, four at most',
    library: 'accepts',
    applies: ({ header }) => !Object.hasOwn(header, 'kid') && header['alg'] === 'ES256',
  },
  {
    what: 'two keys under one key id',
    why: 'jose leaves the choice to its caller; here each is tried, as during a rotation',
    library: 'accepts',
    applies: ({ header }) => header['kid'] === TWINS,
  },
];
