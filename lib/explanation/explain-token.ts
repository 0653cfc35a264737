import type { Client } from '../core/client/client';
import { audiencesIn, isForAnother, authorizedParty, isPartyOf } from '../core/client/select-client';
import type { Configuration } from '../configuration/resolve-configuration';
import type { SelectedToken, UnselectedToken } from '../decision/token-selector';
import type { TokenVerifier } from '../decision/token-verifier';
import type { Issuers } from '../issuer/issuers';
import { REFUSALS } from '../core/refusal/refusal-code';
import { confirmationOf } from '../core/proof/confirmation';
import { own, type JsonObject } from '../core/token/json-object';
import { DirectPresentation } from '../core/token/presentation';
import { ASKS_NOTHING, type AskedAccess } from './asked-access';
import type { ExplainedClient, Explanation, ExplanationHint } from './explanation';
import { explainOpaque, notAskedHint } from './explain-opaque';
import { fetchDocuments } from './fetch-documents';
import { ExplainedPresentation } from './explained-presentation';
import { clientOf, findStop, issuerFormsOf, type Inquiry } from './inquiry';
import { nearMissesOf } from './near-misses';
import { stepsOf } from './steps';

/** What decides on tokens. */
export interface ExplainedVerifier {
  readonly configuration: Configuration;
  readonly issuers: Issuers;
  readonly verifier: TokenVerifier;
}

/**
 * Explains a token: takes every step of the decision once, and describes what each step expected and found.
 *
 * @param text the token alone, without `Bearer`.
 * @param asked the requirements of a route.
 */
export async function explainToken(
  { configuration, issuers, verifier: running }: ExplainedVerifier,
  text: string,
  asked: AskedAccess = ASKS_NOTHING,
): Promise<Explanation> {
  const { verifier, now, possession } = running.atThisMoment(asked.asksIssuer);
  const presentation =
    asked.request === undefined
      ? new DirectPresentation(text)
      : new ExplainedPresentation(text, asked.request, configuration.possession?.origins ?? []);
  const opaque = running.opaqueOf(presentation);
  if (opaque !== undefined) {
    return explainOpaque(opaque, asked, configuration, { verifier, now });
  }
  let selected = verifier.select(presentation, asked.clients);
  const decision = selected.client === undefined ? selected.decision : await verifier.verify(selected, asked.clients);
  if (selected.client !== undefined && isProvisional(selected)) {
    // The discovery document has said what the issuer is.
    selected = verifier.select(presentation, asked.clients);
  }
  const { token, selection } = readingOf(selected);
  if (token !== undefined && !decision.accepted && decision.code === 'unknown_issuer') {
    await fetchDocuments(token.unverifiedClaims, { configuration, issuers });
  }
  const known = { configuration, issuers, now, text, token, selection, decision, asked };
  const stop = findStop(known);
  const client = clientOf(known);
  const faults =
    stop?.step === 'possession' && token !== undefined && client !== undefined
      ? (possession?.faultsOf(confirmationOf(token.unverifiedClaims), client, presentation) ?? [])
      : [];
  const inquiry: Inquiry = { ...known, stop, faults };
  const name = decision.accepted ? decision.principal.client : decision.client;
  return {
    accepted: stop === undefined,
    ...(stop && {
      code: stop.code,
      status: REFUSALS[stop.code].status,
      message: (decision.accepted ? undefined : decision.message) ?? REFUSALS[stop.code].message,
    }),
    ...(name !== undefined && { client: name }),
    ...(asked.route !== undefined && { route: asked.route }),
    ...(decision.accepted && { principal: decision.principal }),
    steps: stepsOf(inquiry),
    clients: token === undefined ? [] : clientsOf(token.unverifiedClaims, inquiry),
    hints: [...nearMissesOf(inquiry), ...notAskedHints(client, asked)],
  };
}

/** That the issuer is asked about JWTs too, and was not asked here. */
function notAskedHints(client: Client | undefined, { asksIssuer }: AskedAccess): ExplanationHint[] {
  return client?.issuer.introspection?.jwts === true && asksIssuer !== true
    ? [notAskedHint(client.issuer.issuer ?? client.name)]
    : [];
}

function isProvisional(selected: SelectedToken): boolean {
  return selected.seen === undefined && selected.selection.provisional;
}

/** What was read of a token. This verifier has no cache, so every token is read. */
function readingOf(selected: SelectedToken | UnselectedToken): Pick<UnselectedToken, 'token' | 'selection'> {
  return selected.client !== undefined && selected.seen !== undefined ? {} : selected;
}

/** How the token compares with each client, by the comparisons of selection itself. */
function clientsOf(claims: JsonObject, { configuration, issuers, selection }: Inquiry): ExplainedClient[] {
  return configuration.clients.clients.map((client: Client) => {
    const expected = issuerFormsOf(client.issuer, issuers);
    const { authorizedParties, audienceClaim, audiences } = client;
    return {
      name: client.name,
      isChosen: selection?.client === client,
      issuer: { expected, matches: expected.some((issuer) => issuer === own(claims, 'iss')) },
      audience: {
        claim: audienceClaim,
        expected: [...audiences],
        matches:
          audiencesIn(claims, audienceClaim).some((audience) => audiences.has(audience)) &&
          !isForAnother(claims, client),
      },
      authorizedParty: {
        ...(authorizedParties && { expected: [...authorizedParties] }),
        matches: isPartyOf(client, authorizedParty(claims, client)),
      },
    };
  });
}
