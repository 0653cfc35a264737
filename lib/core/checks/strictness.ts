import { isLater } from '../later';
import type { RefusalCode } from '../refusal/refusal-code';
import { findUnknownBinding } from '../proof/confirmation';
import { own, type JsonObject } from '../token/json-object';

/** A rule that a client may add to those that apply to every token. */
export type StrictnessRule = 'singleAudience' | 'accessTokenType' | 'rfc9068' | 'fapi2' | 'maxLifetime' | 'validate';

/**
 * Rules that a client adds to those that apply to every token.
 *
 * @internal
 */
export interface Strictness {
  /** Whether tokens that break a rule are accepted and reported. */
  readonly isReportOnly: boolean;
  /** The claim that must name exactly one audience; undefined if it may name several. */
  readonly singleAudience: string | undefined;
  readonly accessTokenType: boolean;
  readonly rfc9068: boolean;
  /** The FAPI 2.0 Security Profile. The client's other settings enforce it; here it is reported. */
  readonly fapi2: boolean;
  /** In seconds; undefined for no limit. */
  readonly maxLifetime: number | undefined;
  readonly validate: ((claims: JsonObject) => unknown) | undefined;
}

/** The claims that the profile requires (RFC 9068 section 2.2). */
const RFC_9068_CLAIMS = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'];

/**
 * The algorithms of FAPI 2.0 (section 5.4.1). `Ed25519` is `EdDSA` by another name (RFC 9864).
 *
 * @internal
 */
export const FAPI_ALGORITHMS: readonly string[] = ['PS256', 'ES256', 'EdDSA', 'Ed25519'];

const ACCESS_TOKEN_TYPE = /^(?:application\/)?at\+jwt$/i;

interface Rule {
  readonly name: StrictnessRule;
  /** The code of the refusal. Rules about the kind of token come before rules about claims. */
  readonly code: RefusalCode;
  readonly applies: (strictness: Strictness) => boolean;
  readonly isMet: (header: JsonObject, claims: JsonObject, strictness: Strictness) => boolean;
}

const isAccessTokenType = (header: JsonObject): boolean => {
  const type = own(header, 'typ');
  return typeof type === 'string' && ACCESS_TOKEN_TYPE.test(type);
};

const RULES: readonly Rule[] = [
  {
    // RFC 9068 section 4: a resource server of the profile refuses tokens of any other type.
    name: 'rfc9068',
    code: 'wrong_token_type',
    applies: ({ rfc9068 }) => rfc9068,
    isMet: isAccessTokenType,
  },
  {
    name: 'accessTokenType',
    code: 'wrong_token_type',
    applies: ({ accessTokenType }) => accessTokenType,
    isMet: isAccessTokenType,
  },
  {
    name: 'rfc9068',
    code: 'invalid_claims',
    applies: ({ rfc9068 }) => rfc9068,
    isMet: (_header, claims) => RFC_9068_CLAIMS.every((name) => (own(claims, name) ?? null) !== null),
  },
  {
    // FAPI 2.0 Security Profile, sections 5.3.4 and 5.4.1.
    // Where it is enforced, the settings of the client do: this is for reports.
    name: 'fapi2',
    code: 'unbound_token',
    applies: ({ fapi2 }) => fapi2,
    isMet: (header, claims) =>
      FAPI_ALGORITHMS.includes(String(own(header, 'alg'))) &&
      Object.hasOwn(claims, 'cnf') &&
      findUnknownBinding(claims) === undefined,
  },
  {
    name: 'singleAudience',
    code: 'invalid_claims',
    applies: ({ singleAudience }) => singleAudience !== undefined,
    isMet: (_header, claims, { singleAudience = 'aud' }) => [own(claims, singleAudience) ?? []].flat().length === 1,
  },
  {
    name: 'maxLifetime',
    code: 'invalid_claims',
    applies: ({ maxLifetime }) => maxLifetime !== undefined,
    isMet: (_header, claims, { maxLifetime = 0 }) => {
      const [expiry, issued] = [own(claims, 'exp'), own(claims, 'iat')];
      return typeof expiry === 'number' && typeof issued === 'number' && expiry - issued <= maxLifetime;
    },
  },
];

/**
 * The first enforced rule with this code that a token breaks. Needs nothing verified.
 *
 * @internal
 */
export function findBrokenRule(
  header: JsonObject,
  claims: JsonObject,
  strictness: Strictness | undefined,
  code: RefusalCode,
): StrictnessRule | undefined {
  if (strictness === undefined || strictness.isReportOnly) {
    return undefined;
  }
  return RULES.find((rule) => rule.code === code && rule.applies(strictness) && !rule.isMet(header, claims, strictness))
    ?.name;
}

/**
 * The names of the rules that a client adds.
 *
 * @internal
 */
export function rulesOf(strictness: Strictness): StrictnessRule[] {
  const named = RULES.filter((rule) => rule.applies(strictness)).map(({ name }) => name);
  return [...new Set([...named, ...(strictness.validate === undefined ? [] : (['validate'] as const))])];
}

/**
 * Every rule that a verified token breaks, each once.
 *
 * @internal
 */
export function brokenRules(header: JsonObject, claims: JsonObject, strictness: Strictness): StrictnessRule[] {
  const broken = RULES.filter((rule) => rule.applies(strictness) && !rule.isMet(header, claims, strictness));
  const isValid = strictness.validate === undefined || accepts(strictness.validate, claims);
  return [...new Set([...broken.map(({ name }) => name), ...(isValid ? [] : (['validate'] as const))])];
}

/** Whether a rule accepts the claims. */
function accepts(validate: (claims: JsonObject) => unknown, claims: JsonObject): boolean {
  return answerOf(validate, claims) === true;
}

/**
 * What a function of the application threw instead of an answer.
 *
 * @internal
 */
export class Thrown {
  constructor(readonly error: unknown) {}
}

/**
 * What a rule answers. Only literal `true` accepts: not a truthy value, not a promise, and not an error, which becomes a
 * `Thrown`.
 *
 * @internal
 */
export function answerOf(validate: (claims: JsonObject) => unknown, claims: JsonObject): unknown {
  try {
    const answer = validate(claims);
    // The answer is no, whatever becomes of a promise.
    isLater(answer);
    return answer;
  } catch (error) {
    return new Thrown(error);
  }
}
