import type { Failure } from '../core/decision/failure';
import type { RevocationOrigin } from '../core/revocation/revocation';
import type { Revoked } from '../decision/revocation-index';
import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import type { Inquiry, StepDescription } from './inquiry';
import { dateOf } from './wording';

const WHAT: Readonly<Record<Revoked['kind'], string>> = {
  token: 'this token was',
  session: 'its session (sid) was',
  subject: 'all tokens of its subject were',
  client: 'all tokens of its client were',
};

/** By what, never by whom. */
const BY: Readonly<Record<RevocationOrigin, string>> = {
  application: 'the application (OidcRevocations)',
  command: 'the command line',
  backchannel_logout: 'a logout token (back-channel logout)',
  shared_signals: 'a security event (shared signals)',
};

/** The step that asks whether a token was revoked. */
export function describeRevocation({ stop }: Inquiry): StepDescription {
  const expected = 'no revocation of the token, its session, its subject or its client';
  if (stop?.step !== 'revoked') {
    return { expected, found: 'none' };
  }
  const revoked = revokedOf(stop.failure);
  return {
    expected,
    found: revoked === undefined ? 'nobody knows: the store of revocations cannot be reached' : sentenceOf(revoked),
  };
}

/** Why a token counts as revoked. */
export function revocationHints(failure: Failure | undefined): ExplanationHint[] {
  const revoked = revokedOf(failure);
  return revoked === undefined
    ? [
        hint(
          'revocation_unknown',
          'the store of revocations could not be reached for longer than revocation.maxLag, and whenUnavailable is "refuse"',
          'bring the store back, or set whenUnavailable to "accept"',
        ),
      ]
    : [hint('revoked', sentenceOf(revoked), 'log in again to get a new token')];
}

function revokedOf(failure: Failure | undefined): Revoked | undefined {
  return failure?.code === 'token_revoked' ? (failure.actual as Revoked) : undefined;
}

function sentenceOf({ kind, revokedAt, origin }: Revoked): string {
  return `${WHAT[kind]} revoked on ${dateOf(revokedAt)} by ${BY[origin]}`;
}
