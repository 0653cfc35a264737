import { isNameList } from '../core/checks/required-claims';
import type { JsonObject } from '../core/token/json-object';
import type { Faults } from './configuration-error';
import { PLACES } from './inherit';
import type { OidcClientOptions } from './options';

/** A pair of options of which one has no effect, or that no token can meet. */
interface Contradiction {
  /** The option that is at fault. Reported only if the client itself has it: what is shared by all need not fit each. */
  readonly field: keyof OidcClientOptions;
  readonly isFound: (client: OidcClientOptions) => boolean;
  readonly problem: string;
  readonly remedy: string;
}

/** Whether the client's keys are fetched. */
const fetchesKeys = (client: OidcClientOptions): boolean =>
  client.jwks === undefined &&
  client.publicKey === undefined &&
  (client.secret === undefined || PLACES.some((place) => client[place] !== undefined));

const refusesIdTokens = ({ strictness }: OidcClientOptions): boolean =>
  strictness !== undefined &&
  strictness.mode !== 'report' &&
  (strictness.accessTokenType === true || strictness.profile === 'rfc9068');

const NO_FETCH = 'has no effect, because the keys of this client are not fetched';

const CONTRADICTIONS: readonly Contradiction[] = [
  {
    field: 'ignoreAudience',
    isFound: ({ ignoreAudience, audienceClaim = 'aud' }) => ignoreAudience === true && audienceClaim === 'aud',
    problem: 'would accept tokens for any audience, because the audience of this client is in aud',
    remedy: 'leave it out, or name the claim that has the audience by audienceClaim',
  },
  {
    field: 'keepUnmappedRoles',
    isFound: ({ keepUnmappedRoles, roleMapping }) => keepUnmappedRoles !== undefined && roleMapping === undefined,
    problem: 'has no effect without roleMapping',
    remedy: 'leave it out: all roles are kept',
  },
  {
    field: 'roleMapping',
    isFound: ({ roleMapping, roles }) => roleMapping !== undefined && roles === undefined,
    problem: 'has no effect, because nothing says where roles are',
    remedy: 'give roles or a preset that has them, or leave it out',
  },
  ...(['fetchHeaders', 'dispatcher'] as const).map((field): Contradiction => ({
    field,
    isFound: (client) => client[field] !== undefined && !fetchesKeys(client),
    problem: NO_FETCH,
    remedy: 'leave it out, or say where the keys are by discoveryUrl or jwksUri',
  })),
  ...(['discoveryIssuer', 'jwksUriOrigin'] as const).map((field): Contradiction => ({
    field,
    isFound: (client) =>
      client[field] !== undefined &&
      client.secret !== undefined &&
      PLACES.every((place) => client[place] === undefined),
    problem: NO_FETCH,
    remedy: 'leave it out, or say where the keys are by discoveryUrl',
  })),
  {
    field: 'acceptIdTokens',
    isFound: (client) => client.acceptIdTokens === true && refusesIdTokens(client),
    problem: 'has no effect, because strictness accepts tokens with a header typ of at+jwt only',
    remedy: 'leave out one of the two',
  },
];

/**
 * Reports options of one client that have no effect beside others, or that no token can meet together.
 *
 * @param own the options of the client itself.
 * @param client these, with what it inherits.
 */
export function checkContradictions(label: string, own: JsonObject, client: OidcClientOptions, faults: Faults): void {
  for (const { field, isFound, problem, remedy } of CONTRADICTIONS) {
    if (own[field] !== undefined && isFound(client)) {
      faults.add(label, field, problem, remedy);
    }
  }
  checkClaims(label, client, faults);
}

/** Values that are required of a claim and values that are refused, or required by another option. */
function checkClaims(
  label: string,
  { requiredClaims, refusedClaims, accessTokenClaims }: OidcClientOptions,
  faults: Faults,
): void {
  const required = valuesOf(requiredClaims === undefined || isNameList(requiredClaims) ? {} : requiredClaims);
  const refused = valuesOf(refusedClaims);
  const marks = valuesOf(accessTokenClaims);
  for (const [name, values] of required) {
    const among = refused.get(name);
    if (values.length > 0 && among !== undefined && values.every((value) => among.includes(value))) {
      faults.add(
        label,
        'refusedClaims',
        `refuses each value that requiredClaims wants of ${name}`,
        'leave out one of them',
      );
    }
    const mark = marks.get(name);
    if (values.length > 0 && mark !== undefined && mark.length > 0 && !values.some((value) => mark.includes(value))) {
      const remedy = 'no token can have both: make them agree, or leave out one of them';
      faults.add(label, 'requiredClaims', `wants other values of ${name} than accessTokenClaims`, remedy);
    }
  }
  for (const [name, values] of marks) {
    const among = refused.get(name);
    if (values.length > 0 && among !== undefined && values.every((value) => among.includes(value))) {
      faults.add(
        label,
        'refusedClaims',
        `refuses each value that accessTokenClaims wants of ${name}`,
        'leave out one of them',
      );
    }
  }
}

/** The values of each claim; none where any value will do. */
function valuesOf(claims: Readonly<Record<string, unknown>> = {}): ReadonlyMap<string, readonly unknown[]> {
  return new Map(Object.entries(claims).map(([name, values]) => [name, values === true ? [] : [values].flat()]));
}
