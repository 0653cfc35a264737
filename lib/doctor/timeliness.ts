import type { Client } from '../core/client/client';
import type { Clock } from '../core/clock';
import type { Exchanges } from './exchanges';
import { finding, type Finding, type FindingSubject } from './finding';
import { quoteAll } from './printable';

/** A certificate must be renewed when so many days are left. */
export const CERTIFICATE_DAYS = 30;
/** An issuer is slow if it takes more than this part of `fetchTimeout`. */
const SLOW = 0.5;
const SECONDS_PER_DAY = 86_400;

/** What was measured of an issuer. */
export interface Measurements {
  readonly clients: readonly Client[];
  readonly exchanges: Exchanges;
  readonly certificateExpires: Date | undefined;
}

/** The offset of an issuer's clock, its latency, and the end of its certificate. */
export function timelinessFindings(
  { clients, exchanges, certificateExpires }: Measurements,
  { clock, fetchTimeout }: { readonly clock: Clock; readonly fetchTimeout: number },
  subject: FindingSubject,
): Finding[] {
  return [
    ...skewFindings(clients, clockOffsetOf(exchanges), subject),
    ...latencyFindings(exchanges, fetchTimeout, subject),
    ...(certificateExpires === undefined ? [] : certificateFindings(certificateExpires, clock.now(), subject)),
  ];
}

/** How far the issuer's clock is ahead, in seconds: the smallest offset, because other answers waited longer. */
export function clockOffsetOf(exchanges: Exchanges): number | undefined {
  return exchanges.all
    .flatMap(({ clockOffset }) => (clockOffset === undefined ? [] : [clockOffset]))
    .sort((one, other) => Math.abs(one) - Math.abs(other))[0];
}

function skewFindings(clients: readonly Client[], offset: number | undefined, subject: FindingSubject): Finding[] {
  // The header has whole seconds.
  const hit = clients.filter(({ clockTolerance }) => Math.abs(offset ?? 0) > Math.max(clockTolerance, 1));
  if (offset === undefined || hit.length === 0) {
    return [];
  }
  const direction = offset > 0 ? 'ahead of' : 'behind';
  const effect = offset > 0 ? 'its new tokens may get token_not_active' : 'its tokens may expire early';
  return [
    finding(
      'clock_skew',
      subject,
      `by the Date of its answers its clock is ${Math.abs(offset)} s ${direction} this machine's, more than clockTolerance of ` +
        `${quoteAll(hit.map(({ name }) => name))}: ${effect}`,
      'find out by NTP which clock is wrong; clockTolerance is for seconds, not for minutes',
    ),
  ];
}

function latencyFindings(exchanges: Exchanges, fetchTimeout: number, subject: FindingSubject): Finding[] {
  const milliseconds = exchanges.all.reduce((sum, exchange) => sum + exchange.milliseconds, 0);
  const failed = exchanges.all.some(({ status }) => status === undefined);
  return failed || milliseconds <= fetchTimeout * 1000 * SLOW
    ? []
    : [
        finding(
          'slow',
          subject,
          `document and key set took ${milliseconds} ms, of ${fetchTimeout * 1000} ms that they may take together`,
          'look for what is slow there or on the way, or raise fetchTimeout',
        ),
      ];
}

/** @param now seconds since the epoch. */
function certificateFindings(expires: Date, now: number, subject: FindingSubject): Finding[] {
  const days = Math.floor((expires.getTime() / 1000 - now) / SECONDS_PER_DAY);
  return days > CERTIFICATE_DAYS
    ? []
    : [
        finding(
          'certificate_expiring',
          subject,
          `its certificate expires on ${expires.toISOString().slice(0, 10)}, in ${days} days`,
          'have it renewed: from that day on no key can be fetched',
        ),
      ];
}
