import type { Client, IssuerConfiguration } from '../core/client/client';
import type { Selection } from '../core/client/select-client';
import type { Configuration } from '../configuration/resolve-configuration';
import { failureOf, type Decision } from '../core/decision/decision';
import type { DecisionCheck, Failure } from '../core/decision/failure';
import type { Issuers } from '../issuer/issuers';
import type { RefusalCode } from '../core/refusal/refusal-code';
import { accessFrom, findUnmet } from '../core/access/access';
import { ACCESS_KIND_NAMES, ACCESS_KINDS } from '../core/access/access-kinds';
import { own, type JsonObject } from '../core/token/json-object';
import type { UnverifiedToken } from '../core/token/unverified-token';
import type { AskedAccess } from './asked-access';
import type { ExplanationStepName } from './explanation';

/** One token, the decision on it, and what it was decided by. */
export interface Inquiry {
  readonly configuration: Configuration;
  readonly issuers: Issuers;
  /** When it was decided, in seconds since the epoch. */
  readonly now: number;
  /** The token as it was given. */
  readonly text: string;
  /** Absent where it is malformed. */
  readonly token: UnverifiedToken | undefined;
  readonly selection: Selection | undefined;
  readonly decision: Decision;
  readonly asked: AskedAccess;
  /** Where it was refused; undefined where it is accepted. */
  readonly stop: Stop | undefined;
  /** Every check of a proof of possession that failed; none where the step was not reached. */
  readonly faults: readonly Failure[];
}

/** The step that failed, and what the token is refused with. */
export interface Stop {
  readonly step: ExplanationStepName;
  readonly code: RefusalCode;
  /** The check that failed; absent where the route refuses an accepted token. */
  readonly failure?: Failure;
}

/** The texts of one step. */
export interface StepDescription {
  readonly expected?: string;
  readonly found?: string;
}

/** What `iss` must be for an issuer: two forms until its discovery document says which. */
export function issuerFormsOf(configured: IssuerConfiguration, issuers: Issuers): readonly string[] {
  const { identifier } = issuers.of(configured);
  return identifier === undefined ? configured.possibleIssuers : [identifier];
}

/** The clients of the issuer that a token names. */
export function clientsAt(
  claims: JsonObject,
  { configuration, issuers }: Pick<Inquiry, 'configuration' | 'issuers'>,
): Client[] {
  const iss = own(claims, 'iss');
  return configuration.clients.clients.filter(({ issuer }) =>
    issuerFormsOf(issuer, issuers).some((form) => form === iss),
  );
}

/** The client that a token was selected for. */
export function clientOf({ selection }: Pick<Inquiry, 'selection'>): Client | undefined {
  return selection?.client;
}

/** The step that a check belongs to. */
function stepOf(check: DecisionCheck): ExplanationStepName {
  switch (check) {
    case 'binding':
    case 'proof':
    case 'nonce':
    case 'replay':
      return 'possession';
    default:
      return check;
  }
}

/** Finds where a token was refused: by the decision on it, or by the requirements of the route. */
export function findStop({
  decision,
  asked,
  configuration,
  now,
}: Pick<Inquiry, 'decision' | 'asked' | 'configuration' | 'now'>): Stop | undefined {
  if (!decision.accepted) {
    const failure = failureOf(decision) ?? { check: 'parse', code: decision.code };
    return { step: stepOf(failure.check), code: failure.code, failure };
  }
  // The decision includes the clients of the route. Rules of the application are not called here.
  const { roles, allRoles, scopes, authenticationContext } = asked;
  const access = accessFrom(
    { isPublic: false, isOptional: false, isAuthenticated: false },
    { roles, allRoles, scopes, authenticationContext },
  );
  const refusal = findUnmet(access, decision.principal, {
    now: () => now,
    toleranceOf: (client) => configuration.clients.client(client)?.clockTolerance ?? 0,
  });
  const kind = ACCESS_KIND_NAMES.find((name) => ACCESS_KINDS[name].code === refusal?.code);
  return refusal && kind && { step: ACCESS_KINDS[kind].step, code: refusal.code };
}
