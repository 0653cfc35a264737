import type { ExplanationHint } from './explanation';
import { audienceHints, partyHintsOf } from './audience-near-misses';
import { clientOf, type Inquiry } from './inquiry';
import { issuerHints } from './issuer-near-misses';
import { keyHints, signatureHints } from './key-near-misses';
import { clientHints, roleHints, routeHints, scopeHints } from './route-near-misses';
import { textHints } from './token-text';
import { algorithmHints, claimHints, kindHints, markHints, timeHints } from './token-near-misses';
import { dateOf, shown } from './wording';

/** Nobody reads more. Where one name is part of the audiences of many clients, there could be. */
const MOST_HINTS = 12;

/** What is probably wrong with a token that is refused, and what else is worth a word. Each once. */
export function nearMissesOf(inquiry: Inquiry): ExplanationHint[] {
  const hints = [...hintsOfStop(inquiry), ...reportedHints(inquiry), ...routeHints(inquiry)];
  return [...new Map(hints.map((hint) => [hint.text, hint])).values()].slice(0, MOST_HINTS);
}

function hintsOfStop(inquiry: Inquiry): readonly ExplanationHint[] {
  const { stop, token, text, configuration, now } = inquiry;
  if (stop === undefined) {
    return [];
  }
  if (token === undefined) {
    return textHints(text, configuration.maxTokenBytes);
  }
  const { unverifiedHeader: header, unverifiedClaims: claims } = token;
  const client = clientOf(inquiry);
  if (client === undefined) {
    switch (stop.code) {
      case 'unknown_issuer':
        return issuerHints(claims, inquiry);
      case 'unknown_audience':
        // ID tokens are for the application that logs in, and refresh tokens for the provider: they have other audiences.
        return [...kindHints(header, claims, false), ...audienceHints(claims, inquiry)];
      default:
        return partyHintsOf(claims, inquiry);
    }
  }
  switch (stop.step) {
    case 'client':
    case 'key':
      return keyHints(token, client, inquiry);
    case 'retired': {
      const since = client.deprecation?.sunset ?? now;
      return [
        {
          code: 'client_retired',
          text: `client ${shown(client.name)} was retired on ${dateOf(since)} (deprecated.sunset): use its successor, or move that date`,
        },
      ];
    }
    case 'algorithm':
      // Keycloak signs its refresh tokens with a secret of its own.
      return [...kindHints(header, claims, client.acceptIdTokens), ...algorithmHints(token, client)];
    case 'kind': {
      const hints = kindHints(header, claims, client.acceptIdTokens);
      const marks = hints.length > 0 ? hints : markHints(stop.failure, client);
      return marks.length > 0 ? marks : strictTypeHints(client.name);
    }
    case 'times':
      return timeHints(stop.failure, client, now);
    case 'claims':
      return claimHints(stop.failure, client);
    case 'signature':
      return signatureHints(token, client, inquiry);
    case 'validate':
      return [
        {
          code: 'own_rule',
          text: `the token is as the provider made it, and a rule of client ${shown(client.name)} (validate, or that of strictness) does not return true for its claims`,
        },
      ];
    case 'allowed_client':
      return clientHints(client, inquiry);
    case 'roles':
    case 'all_roles':
      return roleHints(claims, inquiry);
    case 'scopes':
      return scopeHints(claims, inquiry);
    default:
      return [];
  }
}

function strictTypeHints(client: string): ExplanationHint[] {
  return [
    {
      code: 'strictness_rule',
      text: `strictness of client ${shown(client)} wants a header typ of at+jwt (RFC 9068): have the provider write it, or use mode: 'report' until it does`,
    },
  ];
}

function reportedHints({ decision }: Inquiry): ExplanationHint[] {
  const reported = decision.accepted ? (decision.reported ?? []) : [];
  return reported.map((rule) => ({
    code: 'strictness_rule',
    text: `it breaks strictness.${rule} of its client, which only reports so far: with mode: 'enforce' it would be refused`,
  }));
}
