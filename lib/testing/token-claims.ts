import { randomUUID } from 'node:crypto';
import type { OidcClientOptions, OidcClientRules } from '../configuration/options';
import { AUDIENCE_SEGMENT, segmentsOf, type ClaimPath } from '../principal/claim-path';
import { PRESETS } from '../principal/presets';

/** What a test token says beside its audience. */
export interface TestTokenOptions {
  /** Roles, put where the client reads them; for a plain audience, where `gold-sso` has them (`client_roles`). */
  readonly roles?: readonly string[];
  /** Scopes, put where the client reads them; by default into `scope`, separated by spaces. */
  readonly scopes?: readonly string[];
  /** Claims to add or replace; a claim that is `undefined` here is left out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Seconds until the token expires; may be negative. Default: 300. */
  readonly expiresIn?: number;
}

/** The claims of an access token that a client of this configuration accepts. */
export function claimsFor(
  issuer: string,
  client: string | OidcClientOptions,
  { roles, scopes, claims, expiresIn = 300 }: TestTokenOptions,
): Record<string, unknown> {
  const options: Pick<OidcClientOptions, 'audience' | 'audienceClaim' | 'authorizedParties'> & OidcClientRules =
    typeof client === 'string' ? { audience: client, preset: 'gold-sso' } : client;
  const [audience] = [options.audience].flat();
  if (audience === undefined) {
    throw new TypeError('a token needs an audience');
  }
  const now = Math.floor(Date.now() / 1000);
  const token: Record<string, unknown> = {
    iss: issuer,
    sub: 'test-user',
    azp: options.authorizedParties?.[0] ?? audience,
    jti: randomUUID(),
    typ: 'Bearer',
    iat: now,
    exp: now + expiresIn,
    [options.audienceClaim ?? 'aud']: audience,
  };
  const preset = options.preset === undefined ? undefined : PRESETS[options.preset];
  if (roles !== undefined) {
    put(token, pathOf('roles', options.roles ?? preset?.roles, audience), [...roles]);
  }
  if (scopes !== undefined) {
    const path = options.scopes ?? preset?.scopes;
    put(token, path === undefined ? ['scope'] : pathOf('scopes', path, audience), scopes.join(' '));
  }
  return { ...token, ...claims };
}

/** The first path at which a client reads. */
function pathOf(what: string, paths: OidcClientRules['roles'], audience: string): readonly string[] {
  const path: ClaimPath | undefined =
    typeof paths === 'string' ? paths : typeof paths === 'object' ? paths[0] : undefined;
  if (path === undefined) {
    throw new TypeError(`nothing says at which claim path this client reads ${what}: give the token claims instead`);
  }
  return segmentsOf(path).map((segment) => (segment === AUDIENCE_SEGMENT ? audience : segment));
}

function put(token: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let object = token;
  for (const segment of path.slice(0, -1)) {
    const next: Record<string, unknown> = { ...(object[segment] as Record<string, unknown> | undefined) };
    object[segment] = next;
    object = next;
  }
  object[path.at(-1) ?? ''] = value;
}
