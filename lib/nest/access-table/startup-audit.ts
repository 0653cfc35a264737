import { OidcConfigurationError } from '../../configuration/configuration-error';
import type { Configuration } from '../../configuration/resolve-configuration';
import type { AccessFindingCode } from './access-finding';
import type { AccessTable } from './access-table';

/** What keeps an application from starting, where access must be explicit or always. */
const REFUSED: Readonly<Record<AccessFindingCode, 'always' | 'if explicit' | 'never'>> = {
  missing_policy: 'always',
  ambiguous_policy: 'always',
  unguarded: 'if explicit',
  unenforced: 'if explicit',
  always_refused: 'if explicit',
  contradiction: 'if explicit',
  undeclared: 'if explicit',
  // Environments differ in which clients they have.
  unknown_client: 'never',
};

/**
 * Judges the access to an application that starts.
 *
 * @returns a warning for each thing that is doubtful.
 * @throws OidcConfigurationError with everything that must not be, at once.
 * @internal
 */
export function auditAccess(table: AccessTable, { clients, requireExplicitAccess }: Configuration): string[] {
  const isRefused = (code: AccessFindingCode): boolean =>
    REFUSED[code] === 'always' || (REFUSED[code] === 'if explicit' && requireExplicitAccess);
  const refused = table.findings.filter(({ code }) => isRefused(code));
  if (refused.length > 0) {
    throw new OidcConfigurationError(
      refused.map(({ handler, problem, remedy }) => ({ field: `${handler.handler}()`, problem, remedy })),
    );
  }
  const warnings = table.findings.map(({ handler, problem, remedy }) => `${handler.handler}() ${problem}; ${remedy}`);
  const asksForRoles = table.handlers.some(({ roles, allRoles }) => roles !== undefined || allRoles !== undefined);
  const withoutRoles = [...new Set(clients.clients.filter(({ hasRoles }) => !hasRoles).map(({ name }) => `"${name}"`))];
  if (asksForRoles && withoutRoles.length > 0) {
    warnings.push(
      `routes ask for roles, and principals of ${withoutRoles.slice(0, 10).join(', ')}` +
        `${withoutRoles.length > 10 ? ` and ${withoutRoles.length - 10} more` : ''} never have any: ` +
        'give these clients preset or roles, to say where their roles are',
    );
  }
  return warnings;
}
