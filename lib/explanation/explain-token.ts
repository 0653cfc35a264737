import type { Client } from '../core/client/client';
import { audiencesIn, authorizedParty, isPartyOf, selectClient } from '../core/client/select-client';
import type { Configuration } from '../configuration/resolve-configuration';
import type { TokenVerifier } from '../decision/token-verifier';
import type { Issuers } from '../issuer/issuers';
import { REFUSALS } from '../core/refusal/refusal-code';
import { own, type JsonObject } from '../core/token/json-object';
import { parseToken } from '../core/token/unverified-token';
import { ASKS_NOTHING, type AskedAccess } from './asked-access';
import type { ExplainedClient, Explanation } from './explanation';
import { findStop, type Inquiry } from './inquiry';
import { nearMissesOf } from './near-misses';
import { stepsOf } from './steps';

/** What decides on tokens, and is asked why. */
export interface ExplainedVerifier {
  readonly configuration: Configuration;
  readonly issuers: Issuers;
  readonly verifier: TokenVerifier;
}

/**
 * Explains a token: decides on it once, as ever, and tells of each step what was expected and what was found. What needs
 * no network is asked again as of the same moment; nothing else is.
 *
 * @param text the token alone, without `Bearer`.
 * @param asked what a route asks for.
 */
export async function explainToken(
  { configuration, issuers, verifier: running }: ExplainedVerifier,
  text: string,
  asked: AskedAccess = ASKS_NOTHING,
): Promise<Explanation> {
  const { verifier, now } = running.snapshot();
  const decision = await verifier.decide(text, asked.clients);
  const token = parseToken(text, configuration.maxTokenBytes);
  const selection =
    token && selectClient(configuration.clients, token, (issuer) => issuers.of(issuer).identifier, asked.clients);
  const known = { configuration, issuers, now, text, token, selection, decision, asked };
  const inquiry: Inquiry = { ...known, stop: findStop(known) };
  const { stop } = inquiry;
  const client = decision.accepted ? decision.principal.client : decision.client;
  return {
    accepted: stop === undefined,
    ...(stop && {
      code: stop.code,
      status: REFUSALS[stop.code].status,
      message: (decision.accepted ? undefined : decision.message) ?? REFUSALS[stop.code].message,
    }),
    ...(client !== undefined && { client }),
    ...(asked.route !== undefined && { route: asked.route }),
    ...(decision.accepted && { principal: decision.principal }),
    steps: stepsOf(inquiry),
    clients: token === undefined ? [] : clientsOf(token.unverifiedClaims, inquiry),
    hints: nearMissesOf(inquiry),
  };
}

/** What each client has to do with a token, by the comparisons of selection itself. */
function clientsOf(claims: JsonObject, { configuration, issuers, selection }: Inquiry): ExplainedClient[] {
  return configuration.clients.clients.map((client: Client) => {
    const { identifier } = issuers.of(client.issuer);
    const expected = identifier === undefined ? client.issuer.possibleIssuers : [identifier];
    const { authorizedParties, audienceClaim, audiences } = client;
    return {
      name: client.name,
      isChosen: selection?.client === client,
      issuer: { expected, matches: expected.some((issuer) => issuer === own(claims, 'iss')) },
      audience: {
        claim: audienceClaim,
        expected: [...audiences],
        matches: audiencesIn(claims, audienceClaim).some((audience) => audiences.has(audience)),
      },
      authorizedParty: {
        ...(authorizedParties && { expected: [...authorizedParties] }),
        matches: isPartyOf(client, authorizedParty(claims, client)),
      },
    };
  });
}
