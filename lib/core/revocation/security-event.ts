import { isNumericDate } from '../checks/claims';
import { audiencesIn } from '../client/select-client';
import { isJsonObject, own, type JsonObject } from '../token/json-object';
import type { UnverifiedToken } from '../token/unverified-token';
import type { TransmitterSettings } from './revocation-settings';

/** Errors of delivery (RFC 8935 section 2.4). */
export type DeliveryError =
  'invalid_request' | 'invalid_key' | 'invalid_issuer' | 'invalid_audience' | 'authentication_failed' | 'access_denied';

/** What is wrong with a security event token. It contains nothing of the token. */
export interface DeliveryFault {
  readonly error: DeliveryError;
  readonly description: string;
}

/** A security event token (RFC 8417) whose form was checked. */
export interface SecurityEventToken {
  readonly jti: string;
  readonly issuedAt: number;
  /** By event type. */
  readonly events: ReadonlyMap<string, JsonObject>;
  /** The subject of all events (OpenID SSF 1.0 section 3; RFC 9493); undefined without one. */
  readonly subject: JsonObject | undefined;
}

const TYPE = /^(?:application\/)?secevent\+jwt$/i;

/** How far `iat` may be in the future, in seconds. */
const TOLERANCE = 60;

/** The most events of one token. It is meant to have one (OpenID SSF 1.0 section 4.1.4). */
const MOST_EVENTS = 10;

/** The algorithms of security event tokens. Secrets are not shared with transmitters. */
const ALGORITHMS: ReadonlySet<string> = new Set([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]);

/**
 * Checks the form of a security event token: type, issuer, audience, claims. Not its signature.
 *
 * @param now seconds since the epoch.
 * @internal
 */
export function checkSecurityEvent(
  { unverifiedHeader: header, unverifiedClaims: claims, algorithm }: UnverifiedToken,
  { issuer, audiences }: Pick<TransmitterSettings, 'issuer' | 'audiences'>,
  now: number,
): SecurityEventToken | DeliveryFault {
  const type = own(header, 'typ');
  if (typeof type !== 'string' || !TYPE.test(type)) {
    return { error: 'invalid_request', description: 'typ is not secevent+jwt' };
  }
  if (own(claims, 'iss') !== issuer) {
    return { error: 'invalid_issuer', description: 'iss is not that of a configured transmitter' };
  }
  if (!audiencesIn(claims, 'aud').some((audience) => audiences.has(audience))) {
    return { error: 'invalid_audience', description: 'aud is not the audience of this receiver' };
  }
  if (!ALGORITHMS.has(algorithm)) {
    return { error: 'invalid_key', description: 'alg is not allowed' };
  }
  const [issuedAt, expiresAt, jti] = ['iat', 'exp', 'jti'].map((name) => own(claims, name));
  if (!isNumericDate(issuedAt) || issuedAt > now + TOLERANCE) {
    return { error: 'invalid_request', description: 'iat is missing or in the future' };
  }
  if (expiresAt !== undefined && (!isNumericDate(expiresAt) || now >= expiresAt + TOLERANCE)) {
    return { error: 'invalid_request', description: 'exp is over' };
  }
  if (typeof jti !== 'string' || jti === '') {
    return { error: 'invalid_request', description: 'jti is missing' };
  }
  // Without sub, no token of this kind can pass for an access token (OpenID SSF 1.0 section 4.1.2).
  if (Object.hasOwn(claims, 'sub')) {
    return { error: 'invalid_request', description: 'sub must be absent, the subject is sub_id' };
  }
  const events = readEvents(own(claims, 'events'));
  const subject = own(claims, 'sub_id');
  if (events === undefined || (subject !== undefined && !isJsonObject(subject))) {
    return { error: 'invalid_request', description: 'events or sub_id is not what it must be' };
  }
  return { jti, issuedAt, events, subject };
}

function readEvents(value: unknown): ReadonlyMap<string, JsonObject> | undefined {
  const entries = isJsonObject(value) ? Object.entries(value) : [];
  const events = entries.filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1]));
  return events.length === 0 || events.length !== entries.length || events.length > MOST_EVENTS
    ? undefined
    : new Map(events);
}
