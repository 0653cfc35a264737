import type { Client } from '../core/client/client';
import type { RoleRequirement } from '../core/access/access';
import type { ExplanationStepName } from './explanation';
import type { Inquiry, StepDescription } from './inquiry';
import { listed, shown } from './wording';

/** What a route asks for, and what the caller has. */
export function describeRoute(
  name: Extract<ExplanationStepName, 'allowed_client' | 'roles' | 'all_roles' | 'scopes' | 'rules'>,
  client: Client,
  { asked, decision }: Inquiry,
): StepDescription {
  const principal = decision.accepted ? decision.principal : undefined;
  switch (name) {
    case 'allowed_client':
      return { expected: `client ${listed(asked.clients ?? [])}`, found: `client ${shown(client.name)}` };
    case 'roles':
      return {
        expected: `any role of ${(asked.roles ?? []).map(spelled).join(', ')}`,
        found: namesOf('role', principal?.roles),
      };
    case 'all_roles':
      return {
        expected: `every role of ${(asked.allRoles ?? []).join(', ')}`,
        found: namesOf('role', principal?.roles),
      };
    case 'scopes':
      return {
        expected: `every scope of ${(asked.scopes ?? []).join(', ')}`,
        found: namesOf('scope', principal?.scopes),
      };
    case 'rules':
      return { expected: `${asked.rules.join(', ')} of @Authorize(), which want a request and are not asked here` };
  }
}

function spelled(role: RoleRequirement): string {
  return typeof role === 'string' ? role : `${role.any.join(' or ')} of ${role.client}`;
}

function namesOf(kind: 'role' | 'scope', names: readonly string[] = []): string {
  return names.length === 0 ? `no ${kind}` : `${kind}s ${listed(names, 'and')}`;
}
