import type { Configuration } from '../configuration/resolve-configuration';
import { failureOf, type Decision } from '../core/decision/decision';
import { REFUSALS } from '../core/refusal/refusal-code';
import type { OpaqueToken } from '../decision/token-selector';
import type { TokenVerifier } from '../decision/token-verifier';
import type { AskedAccess } from './asked-access';
import type { Explanation, ExplanationHint, ExplanationStep } from './explanation';
import { enrichmentHints } from './function-near-misses';
import { hint } from './hint';
import { findStop, type Stop } from './inquiry';
import { shown } from './wording';

/** Explains a token that says nothing by itself. Its issuer is asked only if the caller wants that. */
export async function explainOpaque(
  opaque: OpaqueToken,
  asked: AskedAccess,
  configuration: Configuration,
  { verifier, now }: { readonly verifier: TokenVerifier; readonly now: number },
): Promise<Explanation> {
  const issuer = opaque.prover.configuration.issuer ?? 'its issuer';
  const route = asked.route === undefined ? {} : { route: asked.route };
  const read: ExplanationStep = {
    name: 'parse',
    outcome: 'passed',
    expected: `a signed JWT, or an opaque token of issuer ${issuer}`,
    found: 'no JWT, so an opaque token',
  };
  const expected = `an answer of issuer ${issuer} that the token is active`;
  if (asked.asksIssuer !== true) {
    const steps: ExplanationStep[] = [read, { name: 'introspection', outcome: 'not reached', expected }];
    return { accepted: false, ...route, steps, clients: [], hints: [notAskedHint(issuer)] };
  }
  const decision = await verifier.verifyOpaque(opaque, asked.clients);
  const stop = findStop({ decision, asked, configuration, now });
  const name = decision.accepted ? decision.principal.client : decision.client;
  return {
    accepted: stop === undefined,
    ...(stop && { code: stop.code, status: REFUSALS[stop.code].status, message: REFUSALS[stop.code].message }),
    ...(name !== undefined && { client: name }),
    ...route,
    ...(decision.accepted && { principal: decision.principal }),
    steps: [read, ...stepsAfter(decision, stop, expected)],
    clients: [],
    hints:
      stop === undefined
        ? []
        : stop.step === 'enrich'
          ? enrichmentHints(stop.failure, name ?? issuer)
          : [hintOf(stop, issuer, opaque)],
  };
}

/** That the issuer would be asked about a token, and was not. */
export function notAskedHint(issuer: string): ExplanationHint {
  return hint(
    'issuer_not_asked',
    `what the token is worth depends on an answer of issuer ${shown(issuer)} (introspection), which was not asked`,
    'let explain ask it: askIssuer: true, or --ask-issuer',
  );
}

function stepsAfter(decision: Decision, stop: Stop | undefined, expected: string): ExplanationStep[] {
  const isOfAnswer = !decision.accepted && failureOf(decision)?.check === 'introspection';
  const answered: ExplanationStep = {
    name: 'introspection',
    outcome: isOfAnswer ? 'failed' : 'passed',
    expected,
    found: isOfAnswer ? (stop?.code === 'token_inactive' ? 'not active' : 'no answer') : 'active',
    ...(isOfAnswer && stop && { code: stop.code }),
  };
  if (stop === undefined || isOfAnswer) {
    return [answered];
  }
  const { claim, actual } = stop.failure ?? {};
  const found = claim === undefined ? {} : { found: `${claim} ${shown(actual)}` };
  return [answered, { name: stop.step, outcome: 'failed', ...found, code: stop.code }];
}

function hintOf({ step, code }: Stop, issuer: string, { prover }: OpaqueToken): ExplanationHint {
  switch (code) {
    case 'token_inactive':
      return hint(
        'token_inactive',
        `issuer ${shown(issuer)} answered that the token is not active`,
        'get a fresh one: it has expired, was revoked, or is not of this issuer. Keycloak also says so to the client that issued the ' +
          'token: give introspection a client of its own',
      );
    case 'introspection_unavailable':
      return hint(
        'introspection_failed',
        `issuer ${shown(issuer)} could not be asked: ${prover.use.lastError ?? 'too many requests are under way'}`,
        'check introspection.endpoint and the credentials, and whether this machine reaches it',
      );
    default:
      return hint(
        'no_known_cause',
        `the step ${step} failed, and none of the causes that explain knows fits`,
        'compare what that step expected with the answer of the issuer',
      );
  }
}
