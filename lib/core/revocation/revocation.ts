/** What an entry revokes: one token, a session, all tokens of a subject, or all tokens of a client. */
export type RevocationKind = 'token' | 'session' | 'subject' | 'client';

/**
 * What asked for a revocation: a call of the application, the command line, a logout token (OpenID Connect Back-Channel Logout
 * 1.0), or a security event (OpenID Shared Signals).
 */
export type RevocationOrigin = 'application' | 'command' | 'backchannel_logout' | 'shared_signals';

/** One entry of the revocation log. All times are in seconds since the epoch. */
export interface RevocationEntry {
  /** Unique for each entry. A store keeps an id once, so an append can be repeated. */
  readonly id: string;
  /** What it revokes. `received` revokes nothing: it says that a logout token or security event was processed. */
  readonly kind: RevocationKind | 'received';
  /** The exact `iss` of the tokens; the empty string for `client`. */
  readonly issuer: string;
  /** The `jti`, `sid` or `sub`, or the name of the client. */
  readonly value: string;
  /** Only tokens with an `iat` before this, or without one, are revoked. Absent: all tokens. */
  readonly issuedBefore?: number;
  readonly revokedAt: number;
  /** When the last token that it can revoke has expired. A store may forget it then. */
  readonly expiresAt: number;
  readonly origin: RevocationOrigin;
}

/** The kinds, in the order of their codes. */
const KINDS: readonly RevocationEntry['kind'][] = ['token', 'session', 'subject', 'client', 'received'];

/** The origins, in the order of their codes. */
const ORIGINS: readonly RevocationOrigin[] = ['application', 'command', 'backchannel_logout', 'shared_signals'];

/** The number of a kind, from 0. */
export function codeOfKind(kind: RevocationEntry['kind']): number {
  return KINDS.indexOf(kind);
}

/** The number of an origin, from 0. */
export function codeOfOrigin(origin: RevocationOrigin): number {
  return ORIGINS.indexOf(origin);
}

/** The origin with a number. */
export function originOf(code: number): RevocationOrigin {
  return ORIGINS[code] ?? 'application';
}

/**
 * An entry as JSON text, for stores.
 *
 * @internal
 */
export function writeEntry(entry: RevocationEntry): string {
  return JSON.stringify(entry);
}

/**
 * Reads an entry that a store returned.
 *
 * @returns undefined if it is none, such as one of a later version.
 *
 * @internal
 */
export function readEntry(text: string): RevocationEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isEntry(value) ? value : undefined;
}

/**
 * Whether a value is an entry.
 *
 * @internal
 */
export function isEntry(value: unknown): value is RevocationEntry {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const entry = value as Readonly<Record<keyof RevocationEntry, unknown>>;
  return (
    typeof entry.id === 'string' &&
    KINDS.some((kind) => kind === entry.kind) &&
    typeof entry.issuer === 'string' &&
    typeof entry.value === 'string' &&
    (entry.issuedBefore === undefined || Number.isFinite(entry.issuedBefore)) &&
    Number.isFinite(entry.revokedAt) &&
    Number.isFinite(entry.expiresAt) &&
    ORIGINS.some((origin) => origin === entry.origin)
  );
}
