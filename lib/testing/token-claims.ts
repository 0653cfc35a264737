import { randomUUID } from 'node:crypto';
import type { OidcClientOptions, OidcClientRules } from '../configuration/options';
import { isNameList, namesInPath, valueAt } from '../core/checks/required-claims';
import { namesOf, segmentsOf } from '../core/principal/claim-path';
import { applyPreset } from '../configuration/presets/apply-preset';
import { isJsonObject, own } from '../core/token/json-object';

/** What a test token contains besides its audience. */
export interface TestTokenOptions {
  /** Roles, in the claim where the client reads them; for a plain audience, in that of `gold-sso` (`client_roles`). */
  readonly roles?: readonly string[];
  /** Scopes, in the claim where the client reads them. Default: `scope`, separated by spaces. */
  readonly scopes?: readonly string[];
  /** Claims to add or replace, exactly as given. A claim that is `undefined` here is left out of the token. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Seconds until the token expires, by the issuer's clock; may be negative. Default: 300. */
  readonly expiresIn?: number;
  /**
   * The kind of token. An `opaque` one is random, after the `tokenPrefix` of the client, and introspection answers with its
   * claims. Default: `jwt`.
   */
  readonly format?: 'jwt' | 'opaque';
}

/** The options of a client that shape its tokens. */
type TokenShape = Pick<OidcClientOptions, 'audience' | 'authorizedParties'> & OidcClientRules;

/**
 * The claims of an access token that a client of this configuration accepts.
 *
 * @param now the issuer's current time, in whole seconds since the epoch.
 */
export function claimsFor(
  issuer: string,
  client: string | OidcClientOptions,
  { roles, scopes, claims, expiresIn = 300 }: TestTokenOptions,
  now: number,
): Record<string, unknown> {
  const shape: TokenShape = applyPreset<TokenShape>(
    typeof client === 'string' ? { audience: client, preset: 'gold-sso' } : client,
  );
  const [audience] = [shape.audience].flat();
  if (audience === undefined) {
    throw new TypeError('a token needs an audience');
  }
  const token: Record<string, unknown> = {
    sub: 'test-user',
    [shape.authorizedPartyClaim ?? 'azp']: shape.authorizedParties?.[0] ?? audience,
    jti: randomUUID(),
    typ: 'Bearer',
    iat: now,
    exp: now + expiresIn,
    [shape.audienceClaim ?? 'aud']: audience,
    // Last, for clients whose audience is in `iss`.
    iss: issuer,
  };
  const marks = Object.entries(shape.accessTokenClaims ?? {});
  for (const [claim, values] of marks) {
    if (values !== true && ![values].flat().some((value) => value === (token[claim] ?? null))) {
      [token[claim]] = [values].flat();
    }
  }
  const present = marks.filter(([, values]) => values === true).map(([claim]) => claim);
  const paths = { roles: pathsOf('roles', shape, audience), scopes: pathsOf('scopes', shape, audience) };
  if (roles !== undefined) {
    put(token, firstOf(paths.roles, 'roles'), [...roles]);
  }
  if (scopes !== undefined) {
    put(token, firstOf(paths.scopes, 'scopes'), scopes.join(' '));
  }
  const { requiredClaims = [] } = shape;
  const names = isNameList(requiredClaims) ? requiredClaims : putValues(token, requiredClaims);
  fillRequired(token, [...names, ...present], [...paths.roles, ...paths.scopes]);
  return { ...token, ...claims };
}

/** Every claim path at which a client reads its roles or scopes. None where it reads them by a function, or not at all. */
function pathsOf(what: 'roles' | 'scopes', shape: TokenShape, audience: string): readonly (readonly string[])[] {
  const paths = shape[what] ?? (what === 'scopes' ? ['scope', 'scp'] : []);
  if (typeof paths === 'function') {
    return [];
  }
  return [paths].flat().map((path) => segmentsOf(path).flatMap((segment) => namesOf(segment, [audience])));
}

function firstOf(paths: readonly (readonly string[])[], what: string): readonly string[] {
  const [first] = paths;
  if (first === undefined) {
    throw new TypeError(
      `nothing says at which claim path this client reads ${what}: give the token claims instead, or, where a preset or defaults say it, give the issuer those, too`,
    );
  }
  return first;
}

/**
 * Adds the values that a client requires of claims, the first of several.
 *
 * @returns the claims that may have any value.
 */
function putValues(token: Record<string, unknown>, required: Readonly<Record<string, unknown>>): string[] {
  const anyValue: string[] = [];
  for (const [name, values] of Object.entries(required)) {
    const path = namesInPath(name);
    const [value] = [values].flat();
    if (values !== true) {
      put(token, path, value);
    } else if (path.length === 1) {
      anyValue.push(...path);
    } else if ((valueAt(token, path) ?? null) === null) {
      put(token, path, `test-${path.at(-1)}`);
    }
  }
  return anyValue;
}

/** Adds the claims that the client requires and the token does not have yet. */
function fillRequired(
  token: Record<string, unknown>,
  required: readonly string[],
  paths: readonly (readonly string[])[],
): void {
  for (const name of required.filter((claim) => own(token, claim) === undefined)) {
    // A string where roles or scopes are read would grant a role or scope of that name.
    const granting = paths.filter(([first]) => first === name);
    for (const path of granting) {
      put(token, path, []);
    }
    if (granting.length === 0) {
      token[name] = plausible(name, token);
    }
  }
}

/** A plausible value of a claim. Registered claims have types of their own (RFC 7519 section 4.1). */
function plausible(name: string, token: Readonly<Record<string, unknown>>): unknown {
  switch (name) {
    case 'nbf':
    case 'auth_time':
      return token['iat'];
    case 'email':
      return 'test-user@example.test';
    default:
      return `test-${name}`;
  }
}

function put(token: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let object = token;
  for (const segment of path.slice(0, -1)) {
    const found = own(object, segment);
    const next: Record<string, unknown> = isJsonObject(found) ? { ...found } : {};
    object[segment] = next;
    object = next;
  }
  object[path.at(-1) ?? ''] = value;
}
