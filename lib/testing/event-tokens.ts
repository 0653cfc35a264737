import { randomUUID } from 'node:crypto';

/** What a test logout token contains. */
export interface TestLogoutTokenOptions {
  /** Its `aud`: an audience or authorized party of a client. */
  readonly audience: string | readonly string[];
  /** The session that ended. Default: none; give `sid` or `subject`. */
  readonly sid?: string;
  /** The subject that logged out. Default: none. */
  readonly subject?: string;
  /** Claims to add or replace. One that is `undefined` here is left out, for tokens that must be refused. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Header members to add or replace. Default: `{ typ: 'logout+jwt' }`. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** What a test security event token contains. */
export interface TestSecurityEventOptions {
  /** Its `aud`: the audience of the transmitter. */
  readonly audience: string | readonly string[];
  /**
   * The event: the last part of its type, such as `session-revoked`, or a whole URI. Default: `session-revoked`.
   */
  readonly event?: string;
  /** The members of the event, such as `event_timestamp`. Default: none. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** The `sub` of the user at this issuer that the event is about. Default: none; give `subject` or `sid`. */
  readonly subject?: string;
  /** The session that the event is about. Default: none. */
  readonly sid?: string;
  /** Claims to add or replace. One that is `undefined` here is left out, for tokens that must be refused. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Header members to add or replace. Default: `{ typ: 'secevent+jwt' }`. */
  readonly header?: Readonly<Record<string, unknown>>;
}

const PROFILES: Readonly<Record<string, string>> = {
  'session-revoked': 'caep',
  'credential-change': 'caep',
  'account-disabled': 'risc',
  'account-purged': 'risc',
  'sessions-revoked': 'risc',
  verification: 'ssf',
  'stream-updated': 'ssf',
};

/** The claims of a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4). */
export function logoutClaims(
  issuer: string,
  { audience, sid, subject, claims }: TestLogoutTokenOptions,
  now: number,
): Record<string, unknown> {
  return {
    iss: issuer,
    aud: audience,
    iat: now,
    exp: now + 120,
    jti: randomUUID(),
    ...(sid !== undefined && { sid }),
    ...(subject !== undefined && { sub: subject }),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    ...claims,
  };
}

/** The claims of a security event token (RFC 8417, OpenID Shared Signals Framework 1.0). */
export function eventClaims(
  issuer: string,
  { audience, event = 'session-revoked', payload = {}, subject, sid, claims }: TestSecurityEventOptions,
  now: number,
): Record<string, unknown> {
  const profile = Object.hasOwn(PROFILES, event) ? PROFILES[event] : undefined;
  const type = profile === undefined ? event : `https://schemas.openid.net/secevent/${profile}/event-type/${event}`;
  const user = subject === undefined ? undefined : { format: 'iss_sub', iss: issuer, sub: subject };
  const session = sid === undefined ? undefined : { format: 'opaque', id: sid };
  const subjectId =
    user !== undefined && session !== undefined ? { format: 'complex', user, session } : (user ?? session);
  return {
    iss: issuer,
    aud: audience,
    iat: now,
    jti: randomUUID(),
    ...(subjectId !== undefined && { sub_id: subjectId }),
    events: { [type]: payload },
    ...claims,
  };
}
