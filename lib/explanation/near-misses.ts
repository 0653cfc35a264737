import type { ExplanationHint } from './explanation';
import { authenticationHints } from './authentication-near-misses';
import { audienceHints } from './audience-near-misses';
import { enrichmentHints, ruleHints } from './function-near-misses';
import { hint } from './hint';
import { clientOf, clientsAt, type Inquiry, type Stop } from './inquiry';
import { issuerHints } from './issuer-near-misses';
import { keyHints, signatureHints } from './key-near-misses';
import { graphHints } from './microsoft-near-misses';
import { partyHints } from './party-near-misses';
import { possessionHints } from './possession-near-misses';
import { clientHints, roleHints, routeHints, scopeHints } from './route-near-misses';
import { revocationHints } from './revocation-steps';
import { millisecondHints, timeHints } from './time-near-misses';
import { textHints } from './token-text';
import { algorithmHints, claimHints, kindHints, markHints, strictnessHint } from './token-near-misses';
import type { Client } from '../core/client/client';
import type { UnverifiedToken } from '../core/token/unverified-token';
import { dateOf, shown } from './wording';

/** The most hints of an explanation. One name may be part of the audiences of many clients. */
const MOST_HINTS = 12;

/** Possible causes of a refusal, and what else is worth knowing. Each once. */
export function nearMissesOf(inquiry: Inquiry): ExplanationHint[] {
  const { stop, token, decision, now } = inquiry;
  const causes = stop === undefined ? [] : hintsOfStop(stop, inquiry);
  const hints = [
    ...(stop !== undefined && causes.length === 0 ? [unknownHint(stop)] : causes),
    ...(token !== undefined && decision.accepted ? millisecondHints(token.unverifiedClaims, now) : []),
    ...reportedHints(inquiry),
    ...routeHints(inquiry),
  ];
  return [...new Map(hints.map((one) => [one.text, one])).values()].slice(0, MOST_HINTS);
}

/** Says so where no known cause fits what was found. */
function unknownHint({ step }: Stop): ExplanationHint {
  return hint(
    'no_known_cause',
    `the step ${step} failed, and none of the causes that explain knows fits`,
    'compare what that step expected with what it found',
  );
}

function hintsOfStop(stop: Stop, inquiry: Inquiry): readonly ExplanationHint[] {
  const { token, text, configuration } = inquiry;
  if (token === undefined) {
    return textHints(text, configuration.maxTokenBytes);
  }
  const client = clientOf(inquiry);
  return client === undefined ? unselectedHints(stop, token, inquiry) : hintsOfClient(stop, token, client, inquiry);
}

/** No client was selected. */
function unselectedHints(
  { code }: Stop,
  { unverifiedHeader: header, unverifiedClaims: claims }: UnverifiedToken,
  inquiry: Inquiry,
): readonly ExplanationHint[] {
  switch (code) {
    case 'unknown_issuer': {
      const graph = graphHints(header, claims);
      return graph.length > 0 ? graph : issuerHints(claims, inquiry);
    }
    case 'unknown_audience': {
      // Tokens of another kind have another audience by design. No setting of audiences can help.
      const kind = kindHints(
        header,
        claims,
        clientsAt(claims, inquiry).some(({ acceptIdTokens }) => acceptIdTokens),
      );
      return kind.length > 0 ? kind : audienceHints(claims, inquiry);
    }
    default:
      return partyHints(claims, inquiry);
  }
}

function hintsOfClient(
  { step, failure }: Stop,
  token: UnverifiedToken,
  client: Client,
  inquiry: Inquiry,
): readonly ExplanationHint[] {
  const { unverifiedHeader: header, unverifiedClaims: claims } = token;
  const { now } = inquiry;
  switch (step) {
    case 'client':
    case 'key':
      return keyHints(token, client, inquiry);
    case 'retired': {
      const since = client.deprecation?.sunset ?? now;
      return [
        hint(
          'client_retired',
          `client ${shown(client.name)} was retired on ${dateOf(since)} (deprecated.sunset)`,
          'use its successor, or move that date',
        ),
      ];
    }
    case 'algorithm': {
      // Keycloak signs its refresh tokens with a secret of its own. No setting of algorithms can help then.
      const kind = kindHints(header, claims, client.acceptIdTokens);
      return kind.length > 0 ? kind : algorithmHints(token, client);
    }
    case 'kind': {
      const hints = kindHints(header, claims, client.acceptIdTokens);
      const marks = hints.length > 0 ? hints : markHints(failure, client);
      return marks.length > 0 ? marks : [strictnessHint(failure?.option, client)];
    }
    case 'times':
      return timeHints(failure, claims, client, now);
    case 'claims':
      return claimHints(failure, client);
    case 'signature':
      return signatureHints(token, client, inquiry);
    case 'possession':
      return possessionHints(failure, claims, client, inquiry);
    case 'validate':
      return ruleHints(failure ?? {}, client);
    case 'revoked':
      return revocationHints(failure);
    case 'enrich':
      return enrichmentHints(failure, client.name);
    case 'allowed_client':
      return clientHints(client, inquiry);
    case 'roles':
    case 'all_roles':
      return roleHints(claims, inquiry);
    case 'scopes':
      return scopeHints(claims, inquiry);
    case 'authentication_context':
      return authenticationHints(client, inquiry);
    default:
      return [];
  }
}

function reportedHints({ decision }: Inquiry): ExplanationHint[] {
  const reported = decision.accepted ? (decision.reported ?? []) : [];
  return reported.map((rule) =>
    hint(
      'strictness_rule',
      `it breaks strictness.${rule} of its client, which only reports so far`,
      "with mode: 'enforce' it would be refused",
    ),
  );
}
