import type { AccessOpenness } from '../nest/access-table/access-finding';
import type { AccessTable, HandlerAccess } from '../nest/access-table/access-table';
import type { ClientIndex } from '../core/client/client-index';
import type { Access } from '../core/access/access';
import { copyRequirement } from '../core/access/authentication-requirement';
import type { RoleRequirement } from '../core/access/access-kinds';
import type { ExplainedRequest, ExplainOptions } from './explanation';
import { nearestTo } from '../core/nearest';

/** The requirements that a token is explained for, as decorators of a route state them. */
export interface AskedAccess extends Pick<
  Access,
  'clients' | 'roles' | 'allRoles' | 'scopes' | 'authenticationContext'
> {
  readonly route?: string;
  /** Whether the issuer is asked about the token. */
  readonly asksIssuer?: boolean;
  /** The request that presents the token; absent where the token alone is explained. */
  readonly request?: ExplainedRequest;
  /** Whether the route requires a token; absent without a route. */
  readonly openness?: AccessOpenness;
  /** The names of rules, which are not called. */
  readonly rules: readonly string[];
}

/** No requirements. */
export const ASKS_NOTHING: AskedAccess = {
  clients: undefined,
  roles: undefined,
  allRoles: undefined,
  scopes: undefined,
  authenticationContext: undefined,
  rules: [],
};

/**
 * Reads the requirements that a token is explained for.
 *
 * @param tableOf returns the access table of the application; called only if a route is named.
 * @throws TypeError for an unknown route or client, naming the nearest, and for an empty list.
 */
export function readAsked(options: ExplainOptions, clients: ClientIndex, tableOf?: () => AccessTable): AskedAccess {
  const { route } = options;
  const handler = route === undefined || tableOf === undefined ? undefined : findHandler(route, tableOf());
  const given = {
    clients: options.clients ?? handler?.clients?.names,
    roles: options.roles ?? handler?.roles?.names,
    allRoles: options.allRoles ?? handler?.allRoles?.names,
    scopes: options.scopes ?? handler?.scopes?.names,
    authenticationContext:
      options.authenticationContext === undefined
        ? handler?.authenticationContext?.names
        : [copyRequirement(options.authenticationContext, 'authenticationContext')],
  };
  for (const [kind, names] of Object.entries(given)) {
    if (names?.length === 0) {
      throw new TypeError(`${kind} is empty: name at least one, or leave it out`);
    }
  }
  // A decorator may name a client that this environment does not have. One that is given here is misspelled.
  for (const name of [...(options.clients ?? []), ...(options.roles ?? []).flatMap(clientOf)]) {
    assertClient(name, clients);
  }
  return {
    ...given,
    clients: given.clients && new Set(given.clients),
    rules: handler?.rules?.names ?? [],
    ...(options.askIssuer === true && { asksIssuer: true }),
    ...(route !== undefined && { route }),
    ...(options.request !== undefined && { request: options.request }),
    ...(handler && { openness: handler.access }),
  };
}

function findHandler(route: string, table: AccessTable): HandlerAccess {
  const handlers = table.byKey();
  const handler = handlers.get(route);
  if (handler === undefined) {
    const nearest = nearestTo(route, handlers.keys());
    throw new TypeError(
      `there is no route ${JSON.stringify(route)}; ` +
        (nearest === undefined ? 'the application has none' : `the nearest is ${JSON.stringify(nearest)}`),
    );
  }
  return handler;
}

function assertClient(name: string, clients: ClientIndex): void {
  if (clients.client(name) === undefined) {
    const names = clients.clients.map((client) => client.name);
    throw new TypeError(
      `there is no client ${JSON.stringify(name)}; the nearest is ${JSON.stringify(nearestTo(name, names))}`,
    );
  }
}

function clientOf(role: RoleRequirement): string[] {
  return typeof role === 'string' ? [] : [role.client];
}
