import { isRetired, type Client } from '../core/client/client';
import type { Selection } from '../core/client/select-client';
import type { Configuration } from '../configuration/resolve-configuration';
import type { Decision } from '../core/decision/decision';
import type { Issuers } from '../issuer/issuers';
import type { OidcPrincipal } from '../core/principal/oidc-principal';
import type { RefusalCode } from '../core/refusal/refusal-code';
import { checkAccess } from '../core/access/access';
import type { UnverifiedToken } from '../core/token/unverified-token';
import { findFailingCheck } from '../core/checks/verification';
import type { AskedAccess } from './asked-access';
import type { ExplanationStepName } from './explanation';

/** All that is known of one token and of the decision on it. */
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
}

/** The step that failed, and what the token is refused with. */
export interface Stop {
  readonly step: ExplanationStepName;
  readonly code: RefusalCode;
}

/** What is said of one step. */
export interface StepDescription {
  readonly expected?: string;
  readonly found?: string;
}

/** The client that a token was taken for. */
export function clientOf({ selection }: Pick<Inquiry, 'selection'>): Client | undefined {
  return selection?.client;
}

/** Where a refusal comes from that none of the checks before the key explains. */
const STEP_OF: Readonly<Partial<Record<RefusalCode, ExplanationStepName>>> = {
  unknown_key: 'key',
  keys_unavailable: 'key',
  invalid_signature: 'signature',
  invalid_claims: 'validate',
  client_not_allowed: 'allowed_client',
  missing_a_valid_role: 'roles',
  missing_required_roles: 'all_roles',
  missing_scope: 'scopes',
};

/**
 * Finds where a token was refused: by the decision on it, else by what the route asks of its principal.
 *
 * Every step before the key is a function of token, configuration and time, and is asked again here, as of the time of the
 * decision.
 */
export function findStop({ token, selection, decision, now, asked }: Omit<Inquiry, 'stop'>): Stop | undefined {
  if (decision.accepted) {
    const refusal = checkRoute(asked, decision.principal);
    return refusal && { step: STEP_OF[refusal] ?? 'rules', code: refusal };
  }
  const { code } = decision;
  const early = findEarlyStop(token, selection, now);
  return early?.code === code ? early : { step: STEP_OF[code] ?? 'parse', code };
}

function findEarlyStop(
  token: UnverifiedToken | undefined,
  selection: Selection | undefined,
  now: number,
): Stop | undefined {
  if (token === undefined || selection === undefined) {
    return { step: 'parse', code: 'malformed_token' };
  }
  if (selection.client === undefined) {
    return { step: 'client', code: selection.code };
  }
  const { client } = selection;
  if (isRetired(client, now)) {
    return { step: 'retired', code: 'client_retired' };
  }
  if (selection.provisional) {
    // Whether `iss` is right is still not known: the document that says so could not be had.
    return { step: 'client', code: 'keys_unavailable' };
  }
  const failing = findFailingCheck(token, client, now);
  return failing && { step: failing.check, code: failing.code };
}

/** Whether a principal has what the route asks for, beside its clients, which the decision has seen to. */
function checkRoute({ roles, allRoles, scopes }: AskedAccess, principal: OidcPrincipal): RefusalCode | undefined {
  return checkAccess(
    {
      isPublic: false,
      isOptional: false,
      isAuthenticated: false,
      clients: undefined,
      roles,
      allRoles,
      scopes,
      rules: undefined,
    },
    principal,
  )?.code;
}
