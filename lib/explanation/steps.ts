import type { Client } from '../core/client/client';
import { own } from '../core/token/json-object';
import type { UnverifiedToken } from '../core/token/unverified-token';
import { ACCESS_KIND_NAMES, ACCESS_KINDS } from '../core/access/access-kinds';
import { rulesOf } from '../core/checks/strictness';
import { KIND_CLAIMS } from '../core/checks/token-kind';
import type { ExplanationStep, ExplanationStepName } from './explanation';
import { clientOf, type Inquiry, type StepDescription } from './inquiry';
import { describeEnrichment } from './function-near-misses';
import { describeKey, describeSignature } from './key-steps';
import { describePossession } from './possession-steps';
import { describeRevocation } from './revocation-steps';
import { describeRoute } from './route-steps';
import { describeText } from './token-text';
import { dateOf, listed, relativeTo, shown } from './wording';

/** The steps of every token, in order. */
const EVERY_TOKEN: readonly ExplanationStepName[] = [
  'parse',
  'client',
  'retired',
  'algorithm',
  'kind',
  'times',
  'claims',
  'key',
  'signature',
  'introspection',
  'possession',
  'validate',
  'revoked',
];

/** Every step of a decision and its outcome. */
export function stepsOf(inquiry: Inquiry): ExplanationStep[] {
  const { asked, stop } = inquiry;
  const ofRoute = ACCESS_KIND_NAMES.filter((kind) => isAsked(asked[kind])).map((kind) => ACCESS_KINDS[kind].step);
  const names: ExplanationStepName[] = [...EVERY_TOKEN.filter((name) => isTaken(name, inquiry)), ...ofRoute];
  if (clientOf(inquiry)?.enrichment !== undefined) {
    // Callers are looked up only for clients that the route is for.
    names.splice(names.length - ofRoute.length + Number(ofRoute.includes('allowed_client')), 0, 'enrich');
  }
  const stoppedAt = stop === undefined ? names.length : names.indexOf(stop.step);
  return names.map((name, index) => {
    const { expected, found } = describe(name, inquiry);
    if (index > stoppedAt || name === 'rules') {
      return { name, outcome: 'not reached', ...(expected !== undefined && { expected }) };
    }
    const failed = stop !== undefined && index === stoppedAt;
    return {
      name,
      outcome: failed ? 'failed' : 'passed',
      ...(expected !== undefined && { expected }),
      ...(found !== undefined && { found }),
      ...(failed && { code: stop.code }),
    };
  });
}

/** Whether a step is taken for this token. */
function isTaken(name: ExplanationStepName, inquiry: Inquiry): boolean {
  const { possession, revocation } = inquiry.configuration;
  switch (name) {
    case 'introspection':
      return inquiry.asked.asksIssuer === true && clientOf(inquiry)?.issuer.introspection?.jwts === true;
    case 'possession':
      return possession !== undefined;
    case 'revoked':
      return revocation !== undefined;
    default:
      return true;
  }
}

function isAsked(names: Iterable<unknown> | undefined): boolean {
  return names !== undefined && [...names].length > 0;
}

function describe(name: ExplanationStepName, inquiry: Inquiry): StepDescription {
  const { token, text, configuration } = inquiry;
  if (name === 'parse') {
    return {
      expected: `a signed JWT of at most ${configuration.maxTokenBytes} bytes: three parts, each canonical base64url`,
      found:
        token === undefined ? describeText(text, configuration.maxTokenBytes) : 'three parts, header and claims read',
    };
  }
  if (token === undefined) {
    return {};
  }
  if (name === 'client') {
    return describeSelection(token, inquiry);
  }
  const client = clientOf(inquiry);
  return client === undefined ? {} : describeForClient(name, token, client, inquiry);
}

function describeSelection({ unverifiedClaims: claims }: UnverifiedToken, inquiry: Inquiry): StepDescription {
  const claimNames = new Set(inquiry.configuration.clients.clients.map(({ audienceClaim }) => audienceClaim));
  const party = Object.hasOwn(claims, 'azp') || !Object.hasOwn(claims, 'client_id') ? 'azp' : 'client_id';
  const { clients } = inquiry.configuration.clients;
  const parties = new Set(clients.map(({ authorizedPartyClaim = party }) => authorizedPartyClaim));
  const values = ['iss', ...new Set([...claimNames, ...parties])].map((name) => `${name} ${shown(own(claims, name))}`);
  const client = clientOf(inquiry);
  const chosen = client === undefined ? '' : `: client ${shown(client.name)}`;
  const doubt =
    inquiry.stop?.step === 'client' && client !== undefined
      ? `; the issuer's discovery document could not be read: ${inquiry.issuers.of(client.issuer).health.lastError ?? 'no answer'}`
      : '';
  return {
    expected: 'issuer, audience and authorized party of exactly one client',
    found: values.join(', ') + chosen + doubt,
  };
}

function describeForClient(
  name: Exclude<ExplanationStepName, 'parse' | 'client'>,
  token: UnverifiedToken,
  client: Client,
  inquiry: Inquiry,
): StepDescription {
  const { unverifiedHeader: header, unverifiedClaims: claims } = token;
  const { strictness } = client;
  switch (name) {
    case 'retired': {
      const sunset = client.deprecation?.sunset;
      return {
        expected: sunset === undefined ? 'a client without an end' : `a time before ${dateOf(sunset)}`,
        found: sunset === undefined ? 'no end is set' : `now, ${dateOf(inquiry.now)}`,
      };
    }
    case 'algorithm':
      return { expected: listed(client.algorithms), found: `alg ${shown(own(header, 'alg'))}` };
    case 'kind': {
      const rules = strictness === undefined || strictness.isReportOnly ? [] : rulesOf(strictness);
      const isTyped = rules.includes('accessTokenType') || rules.includes('rfc9068');
      const { accessTokenClaims } = client;
      const marks = [...new Set([...KIND_CLAIMS, ...accessTokenClaims.keys()])].filter((mark) =>
        Object.hasOwn(claims, mark),
      );
      const wanted = [...accessTokenClaims].map(
        ([claim, values]) => `; claim ${claim}${values === undefined ? ' there' : ` ${listed(values)}`}`,
      );
      return {
        expected:
          `an access token${client.acceptIdTokens ? ' or an ID token' : ''}: header typ ` +
          `${isTyped ? 'at+jwt' : 'absent, JWT or at+jwt'}, and no claim that says otherwise${wanted.join('')}`,
        found: [
          `header typ ${shown(own(header, 'typ'))}`,
          ...marks.map((mark) =>
            mark === 'typ' || accessTokenClaims.has(mark) ? `claim ${mark} ${shown(claims[mark])}` : `claim ${mark}`,
          ),
        ].join(', '),
      };
    }
    case 'times': {
      const times = ['exp', 'nbf', 'iat'].filter((time) => time === 'exp' || Object.hasOwn(claims, time));
      return {
        expected: `exp after and nbf, iat before ${dateOf(inquiry.now)}, give or take ${client.clockTolerance} s`,
        found: times.map((time) => `${time} ${timeOf(own(claims, time), inquiry.now)}`).join('; '),
      };
    }
    case 'claims':
      return describeClaims(client, inquiry);
    case 'key':
      return describeKey(token, client, inquiry);
    case 'signature':
      return describeSignature(token.algorithm, client, inquiry);
    case 'possession':
      return describePossession(claims, client, inquiry);
    case 'introspection':
      return {
        expected: `an answer of issuer ${client.issuer.issuer ?? client.name} that the token is active`,
        found: inquiry.stop?.step === 'introspection' ? 'not so' : 'active',
      };
    case 'validate': {
      const rules = [
        ...(client.validate === undefined ? [] : ['validate']),
        ...(strictness === undefined ? [] : rulesOf(strictness).map((rule) => `strictness.${rule}`)),
      ];
      const { decision } = inquiry;
      const reported = decision.accepted ? (decision.reported ?? []) : [];
      const broken = reported.length === 0 ? '' : `; strictness reports ${reported.join(', ')}`;
      return {
        expected:
          rules.length === 0 ? 'nothing: the client has no rules of its own' : `its own rules met: ${rules.join(', ')}`,
        found: inquiry.stop?.step === 'validate' ? 'not accepted' : `nothing against it${broken}`,
      };
    }
    case 'revoked':
      return describeRevocation(inquiry);
    case 'enrich':
      return describeEnrichment(inquiry);
    default:
      return describeRoute(name, client, inquiry);
  }
}

function describeClaims(client: Client, { stop, configuration }: Inquiry): StepDescription {
  const { requiredClaims, strictness } = client;
  const required = requiredClaims.map(
    ({ name, values }) => `; ${name} ${values === undefined ? 'there' : listed(values)}`,
  );
  const rules = strictness === undefined || strictness.isReportOnly ? [] : rulesOf(strictness);
  const strict = rules.length === 0 ? '' : `; strictness ${rules.join(', ')}`;
  const failure = stop?.step === 'claims' ? stop.failure : undefined;
  const wrong =
    failure?.claim === undefined ? `${failure?.option} is broken` : `${failure.claim} ${shown(failure.actual)}`;
  return {
    expected: `registered claims of their types, ${
      configuration.possession === undefined ? 'no binding' : 'no unknown binding'
    } to a sender${required.join('')}${strict}`,
    found: failure === undefined ? 'nothing against it' : wrong,
  };
}

function timeOf(time: unknown, now: number): string {
  return typeof time === 'number' ? relativeTo(now, time) : shown(time);
}
