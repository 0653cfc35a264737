import type { Client } from '../core/client/client';
import { ACCESS_KINDS, type AccessStepName, type RoleRequirement } from '../core/access/access-kinds';
import type { Inquiry, StepDescription } from './inquiry';
import { listed, shown } from './wording';

/** Texts of a step about a route: its requirement, and what the caller has. */
export function describeRoute(name: AccessStepName, client: Client, { asked, decision }: Inquiry): StepDescription {
  const principal = decision.accepted ? decision.principal : undefined;
  switch (name) {
    case 'allowed_client':
      return {
        expected: `${ACCESS_KINDS.clients.words} ${listed(asked.clients ?? [])}`,
        found: `client ${shown(client.name)}`,
      };
    case 'roles':
      return {
        expected: `${ACCESS_KINDS.roles.words} ${(asked.roles ?? []).map(spelled).join(', ')}`,
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
    case 'rules':
      return { expected: `${asked.rules.join(', ')} of @Authorize(), which need a request and are not called here` };
  }
}

function spelled(role: RoleRequirement): string {
  return typeof role === 'string' ? role : `${role.any.join(' or ')} of ${role.client}`;
}

function namesOf(kind: 'role' | 'scope', names: readonly string[] = []): string {
  return names.length === 0 ? `no ${kind}` : `${kind}s ${listed(names, 'and')}`;
}
