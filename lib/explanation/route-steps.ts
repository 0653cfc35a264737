import type { Client } from '../core/client/client';
import { ACCESS_KINDS, spellMember, type AccessStepName } from '../core/access/access-kinds';
import { own, type JsonObject } from '../core/token/json-object';
import type { Inquiry, StepDescription } from './inquiry';
import { listed, relativeTo, shown } from './wording';

/** Texts of a step about a route: its requirement, and what the caller has. */
export function describeRoute(
  name: AccessStepName,
  client: Client,
  { asked, decision, now }: Inquiry,
): StepDescription {
  const principal = decision.accepted ? decision.principal : undefined;
  switch (name) {
    case 'allowed_client':
      return {
        expected: `${ACCESS_KINDS.clients.words} ${listed(asked.clients ?? [])}`,
        found: `client ${shown(client.name)}`,
      };
    case 'roles':
      return {
        expected: `${ACCESS_KINDS.roles.words} ${(asked.roles ?? []).map(spellMember).join(', ')}`,
        found: namesOf('role', principal?.roles),
      };
    case 'all_roles':
      return {
        expected: `${ACCESS_KINDS.allRoles.words} ${(asked.allRoles ?? []).join(', ')}`,
        found: namesOf('role', principal?.roles),
      };
    case 'scopes':
      return {
        expected: `${ACCESS_KINDS.scopes.words} ${(asked.scopes ?? []).join(', ')}`,
        found: namesOf('scope', principal?.scopes),
      };
    case 'authentication_context':
      return {
        expected: `${ACCESS_KINDS.authenticationContext.words} ${(asked.authenticationContext ?? []).map(spellMember).join(', ')}`,
        found: principal === undefined ? 'nothing' : authenticationOf(principal.claims, now),
      };
    case 'rules':
      return { expected: `${asked.rules.join(', ')} of @Authorize(), which need a request and are not called here` };
  }
}

/** What a token says of the authentication of its user. */
export function authenticationOf(claims: JsonObject, now: number): string {
  const time = own(claims, 'auth_time');
  return `acr ${shown(own(claims, 'acr'))}, auth_time ${typeof time === 'number' ? relativeTo(now, time) : shown(time)}`;
}

function namesOf(kind: 'role' | 'scope', names: readonly string[] = []): string {
  return names.length === 0 ? `no ${kind}` : `${kind}s ${listed(names, 'and')}`;
}
