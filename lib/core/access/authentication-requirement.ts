import { SCOPE_TOKEN } from '../refusal/challenge-characters';
import { own, type JsonObject } from '../token/json-object';

/** How the user must have been authenticated (RFC 9470 section 3). At least one member is given. */
export interface AuthenticationRequirement {
  /**
   * Authentication context class references, in order of preference. The `acr` of the token must be one of them, exactly.
   * Default: any.
   */
  readonly acr?: readonly string[];
  /** The longest accepted time since the user was authenticated (`auth_time`), in seconds: an integer, 0 or more. Default: any. */
  readonly maxAge?: number;
}

/** The time by which rules judge callers. */
export interface AccessClock {
  /** Seconds since the epoch. */
  now(): number;
  /** The clock tolerance of a client, in seconds. */
  toleranceOf(client: string): number;
}

/**
 * Copies a requirement.
 *
 * @param place what is named in errors, such as `@AuthenticationContext()`.
 * @throws TypeError for anything else, an empty requirement, or an unknown member.
 * @internal
 */
export function copyRequirement(requirement: unknown, place: string): AuthenticationRequirement {
  if (typeof requirement !== 'object' || requirement === null) {
    throw new TypeError(`${place} needs { acr, maxAge }`);
  }
  const { acr, maxAge, ...others } = requirement as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError(`${place}: ${JSON.stringify(unknown)} is unknown; the members are acr and maxAge`);
  }
  if (acr === undefined && maxAge === undefined) {
    throw new TypeError(`${place} needs acr, maxAge or both`);
  }
  if (acr !== undefined && !isListOfReferences(acr)) {
    throw new TypeError(
      `${place}: acr must be a list of at least one string, none with a space, a quote or a backslash`,
    );
  }
  if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && Number(maxAge) >= 0)) {
    throw new TypeError(`${place}: maxAge must be an integer of 0 or more, in seconds`);
  }
  return Object.freeze({
    ...(acr !== undefined && { acr: Object.freeze([...acr]) }),
    ...(maxAge !== undefined && { maxAge: Number(maxAge) }),
  });
}

/** Values are separated by spaces in the challenge, so none may contain one. */
function isListOfReferences(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && SCOPE_TOKEN.test(one))
  );
}

/**
 * Whether verified claims meet a requirement. A missing claim, or one of another type, does not (RFC 9470 section 6).
 *
 * @internal
 */
export function isAuthenticatedAs(
  claims: JsonObject,
  { acr, maxAge }: AuthenticationRequirement,
  client: string,
  clock: AccessClock,
): boolean {
  const reference = own(claims, 'acr');
  if (acr !== undefined && !(typeof reference === 'string' && acr.includes(reference))) {
    return false;
  }
  if (maxAge === undefined) {
    return true;
  }
  const authenticatedAt = own(claims, 'auth_time');
  if (typeof authenticatedAt !== 'number') {
    return false;
  }
  const age = clock.now() - authenticatedAt;
  const tolerance = clock.toleranceOf(client);
  return age >= -tolerance && age <= maxAge + tolerance;
}

/**
 * A requirement in words.
 *
 * @internal
 */
export function spellRequirement({ acr, maxAge }: AuthenticationRequirement): string {
  return [
    ...(acr === undefined ? [] : [`by acr ${acr.join(' or ')}`]),
    ...(maxAge === undefined ? [] : [`at most ${maxAge} s ago`]),
  ].join(', ');
}
