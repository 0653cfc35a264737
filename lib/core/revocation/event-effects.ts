import { isNumericDate } from '../checks/claims';
import { isJsonObject, own, type JsonObject } from '../token/json-object';
import type { TransmitterSettings } from './revocation-settings';
import type { SecurityEventToken } from './security-event';

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/';

/** Events that end one session, if they name one, and otherwise all of a user. */
const OF_SESSION: ReadonlySet<string> = new Set([`${CAEP}session-revoked`]);

/** Events after which no token of the user is good that was issued before. */
const OF_USER: ReadonlySet<string> = new Set([
  `${CAEP}credential-change`,
  `${RISC}account-disabled`,
  `${RISC}account-purged`,
  `${RISC}sessions-revoked`,
]);

/** How far the clock of a transmitter may be ahead, in seconds. */
const TOLERANCE = 60;

const VERIFICATION = `${SSF}verification`;
const STREAM_UPDATED = `${SSF}stream-updated`;

/** What a security event revokes. */
export type EventTarget =
  | { readonly kind: 'session'; readonly issuer: string; readonly value: string }
  | { readonly kind: 'subject'; readonly issuer: string; readonly value: string; readonly issuedBefore: number };

/** What the events of one token do. */
export interface EventEffects {
  readonly targets: readonly EventTarget[];
  readonly isVerification: boolean;
  /** The new status of the stream; undefined if it did not change. */
  readonly stream: string | undefined;
  /** Why events change nothing, for the log. */
  readonly ignored: readonly string[];
}

const STREAM_STATES: ReadonlySet<unknown> = new Set(['enabled', 'paused', 'disabled']);

/**
 * What the events of a verified token do here (CAEP 1.0, RISC 1.0, SSF 1.0).
 *
 * @param now seconds since the epoch.
 * @internal
 */
export function effectsOf(
  { events, subject, issuedAt }: SecurityEventToken,
  { issuers }: Pick<TransmitterSettings, 'issuers'>,
  now: number,
): EventEffects {
  const targets: EventTarget[] = [];
  const ignored: string[] = [];
  let [isVerification, stream]: [boolean, string | undefined] = [false, undefined];
  for (const [type, event] of events) {
    if (type === VERIFICATION) {
      isVerification = true;
    } else if (type === STREAM_UPDATED) {
      const state = own(event, 'status');
      stream = STREAM_STATES.has(state) ? String(state) : 'unknown';
    } else if (OF_SESSION.has(type) || OF_USER.has(type)) {
      const { session, user } = partsOf(subject, OF_SESSION.has(type));
      const issuedBefore = cutoffOf(event, issuedAt, now);
      const found = [
        ...(session === undefined || OF_USER.has(type) ? [] : sessionsOf(session, user, issuers)),
        ...(user !== undefined && (OF_USER.has(type) || session === undefined)
          ? [{ kind: 'subject' as const, issuer: user.issuer, value: user.subject, issuedBefore }]
          : []),
      ];
      const permitted = found.filter(({ issuer }) => issuers.has(issuer));
      targets.push(...permitted);
      if (found.length === 0) {
        ignored.push('its subject is in a format that is not known here');
      } else if (permitted.length < found.length) {
        ignored.push('its subject is of an issuer that the transmitter does not speak for');
      }
    } else {
      ignored.push('its type is not known here');
    }
  }
  return { targets, isVerification, stream, ignored };
}

interface User {
  readonly issuer: string;
  readonly subject: string;
}

/**
 * The session and the user that a subject names (RFC 9493 section 3, OpenID SSF 1.0 section 3.3). An opaque subject of an
 * event about sessions is a session.
 */
function partsOf(
  subject: JsonObject | undefined,
  isAboutSession: boolean,
): { readonly session?: string | undefined; readonly user?: User | undefined } {
  if (subject === undefined) {
    return {};
  }
  switch (own(subject, 'format')) {
    case 'iss_sub':
      return { user: userOf(subject) };
    case 'opaque':
      return isAboutSession ? { session: opaqueOf(subject) } : {};
    case 'complex': {
      const [session, user] = [own(subject, 'session'), own(subject, 'user')];
      return {
        session: isJsonObject(session) ? opaqueOf(session) : undefined,
        user: isJsonObject(user) ? userOf(user) : undefined,
      };
    }
    default:
      return {};
  }
}

function userOf(subject: JsonObject): User | undefined {
  const [format, issuer, value] = ['format', 'iss', 'sub'].map((name) => own(subject, name));
  return format === 'iss_sub' && isText(issuer) && isText(value) ? { issuer, subject: value } : undefined;
}

function opaqueOf(subject: JsonObject): string | undefined {
  const id = own(subject, 'id');
  return own(subject, 'format') === 'opaque' && isText(id) ? id : undefined;
}

/** A session id says nothing of its issuer: that is the user's, else any that the transmitter speaks for. */
function sessionsOf(session: string, user: User | undefined, issuers: ReadonlySet<string>): EventTarget[] {
  const of = user === undefined ? [...issuers] : [user.issuer];
  return of.map((issuer) => ({ kind: 'session', issuer, value: session }));
}

/**
 * Tokens issued before this are revoked: `event_timestamp` (CAEP 1.0 section 2), else `iat`. A time in the future does not count,
 * because tokens that are not issued yet cannot be meant. Times of tokens are in whole seconds, so the second of the event is included.
 */
function cutoffOf(event: JsonObject, issuedAt: number, now: number): number {
  const timestamp = own(event, 'event_timestamp');
  return Math.floor(isNumericDate(timestamp) && timestamp <= now + TOLERANCE ? timestamp : issuedAt) + 1;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
