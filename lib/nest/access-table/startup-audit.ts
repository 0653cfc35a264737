import { ACCESS_KIND_NAMES } from '../../core/access/access-kinds';
import { OidcConfigurationError } from '../../configuration/configuration-error';
import type { Configuration } from '../../configuration/resolve-configuration';
import type { AccessFindingCode } from './access-finding';
import type { HandlerContext } from './handler';
import { spellFinding, type AccessTable } from './access-table';

/** The findings that stop the start: always, depending on `unenforcedAccess`, or if access must be explicit. */
const REFUSED: Readonly<Record<AccessFindingCode, 'always' | 'if enforced' | 'if explicit' | 'never'>> = {
  missing_policy: 'always',
  ambiguous_policy: 'always',
  uninjected_guard: 'always',
  unenforced: 'if enforced',
  unguarded: 'if explicit',
  unknown_context: 'if explicit',
  outside_router: 'if explicit',
  always_refused: 'if explicit',
  contradiction: 'if explicit',
  undeclared: 'if explicit',
  // The clients may differ between environments.
  unknown_client: 'never',
};

type JudgedFinding = AccessTable['findings'][number];

/**
 * Checks the access rules of an application at start.
 *
 * @param serves whether the application serves handlers of a context. If not, its rules need no enforcement.
 * @returns the warnings.
 * @throws OidcConfigurationError with all findings that stop the start.
 * @internal
 */
export function auditAccess(
  table: AccessTable,
  configuration: Configuration,
  serves: (context: HandlerContext) => boolean = () => true,
): string[] {
  const { clients } = configuration;
  const refused = table.findings.filter(
    (finding) =>
      isRefused(finding, table, configuration) && (!isAboutCalls(finding) || serves(finding.handler.context)),
  );
  if (refused.length > 0) {
    throw new OidcConfigurationError(
      refused.map(({ code, handler, problem, remedy }) => ({
        field: code === 'outside_router' ? 'unguardedRoutes' : `${handler.handler}()`,
        problem,
        remedy,
      })),
    );
  }
  const warnings = table.findings.map(({ handler, problem, remedy }) => `${spellFinding(handler, problem)}; ${remedy}`);
  const asksForRoles = table.handlers.some(({ roles, allRoles }) => roles !== undefined || allRoles !== undefined);
  const withoutRoles = [...new Set(clients.clients.filter(({ hasRoles }) => !hasRoles).map(({ name }) => `"${name}"`))];
  if (asksForRoles && withoutRoles.length > 0) {
    warnings.push(
      `routes ask for roles, and principals of ${withoutRoles.slice(0, 10).join(', ')}` +
        `${withoutRoles.length > 10 ? ` and ${withoutRoles.length - 10} more` : ''} never have any: ` +
        'give these clients preset or roles, to say where their roles are',
    );
  }
  const unmatched = table.unmatchedRoutes.map(
    (entry) =>
      `unguardedRoutes: ${JSON.stringify(entry)} is no route outside the router of Nest; take it out, or check its spelling`,
  );
  return [...warnings, ...unmatched, ...guardsBeforeOurs(table)];
}

/** Whether a finding is irrelevant because nobody can call the handler. */
function isAboutCalls({ code }: JudgedFinding): boolean {
  return REFUSED[code] === 'if enforced';
}

function isRefused(
  { code, handler }: JudgedFinding,
  table: AccessTable,
  { requireExplicitAccess, unenforcedAccess }: Configuration,
): boolean {
  const source = table.sourceOf(handler);
  // A test may override a guard. Its application must start.
  if (source?.guards.some(({ isOverridden }) => isOverridden) === true && REFUSED[code] !== 'always') {
    return false;
  }
  switch (REFUSED[code]) {
    case 'always':
      return true;
    case 'if enforced':
      // With global guards, the developer expects them here too. A warning is not enough.
      return requireExplicitAccess || unenforcedAccess === 'refuse' || source?.isMissedByGlobalGuards === true;
    case 'if explicit':
      return requireExplicitAccess;
    default:
      return false;
  }
}

/** The application's own global guards that run before the authenticating guard, where routes have rules. */
function guardsBeforeOurs(table: AccessTable): string[] {
  const early = table.names.flatMap(({ access, guards }) => {
    const hasRules = ACCESS_KIND_NAMES.some((kind) => access[kind] !== undefined);
    const first = guards.findIndex(({ does, isGlobal }) => isGlobal && does === 'authenticates by decorators');
    return hasRules ? guards.slice(0, Math.max(0, first)).filter(({ does }) => does === 'unknown') : [];
  });
  return [...new Set(early.map(({ name }) => name))].map(
    (name) =>
      `global guard ${name} runs before MultiJwtGuard and finds no principal; if it needs one, ` +
      'leave globalGuards out and list APP_GUARD for MultiJwtGuard, RolesGuard and it in one module, in this order',
  );
}
