import type { INestApplicationContext, InjectionToken } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import type { Configuration } from '../../configuration/resolve-configuration';
import { ruleProviderFault } from '../access/rule-provider';
import { OidcRuntime } from '../runtime/oidc-runtime';
import { isJsonObject } from '../../core/token/json-object';
import { ApplicationAccess } from './application-access';
import type { BoundInstances } from './bound-guards';
import type { OidcMultiAuthOptions } from '../../configuration/options';
import type { AccessTable } from './access-table';
import { hasGuardedGateways } from './guarded-gateways';
import { buildAccessTable } from './build-access-table';
import { OIDC_MULTI_AUTH_OPTIONS } from '../runtime/options-token';

/** What `describeAccess` is asked for. */
export interface DescribeAccessOptions {
  /**
   * Whether each handler must say who may call it. Default: as the options of the module say; in preview mode those of a
   * factory are not known.
   */
  readonly requireExplicitAccess?: boolean;
  /**
   * In preview mode, the guards of the application's own that authenticate, as in the options of the module. Default: as
   * those options say, where they are not made by a factory.
   */
  readonly authenticatingGuards?: OidcMultiAuthOptions['authenticatingGuards'];
}

/**
 * Describes who may call what in an application: every HTTP route, GraphQL operation, WebSocket message and microservice
 * message, with the guards before it, what its decorators ask for and where they stand, and what is wrong or doubtful
 * about that. Reads the application and changes nothing.
 *
 * @param app an application, started or not; also one in preview mode, where nothing is instantiated. What `main.ts`
 *   adds after its creation (a prefix, versions, guards, microservices) is seen if it has been added.
 * @param options what is asked for beside what the application says.
 * @example
 * ```ts
 * const app = await NestFactory.create(AppModule);
 * console.log(describeAccess(app).toMarkdown());
 * ```
 */
export function describeAccess(app: INestApplicationContext, options: DescribeAccessOptions = {}): AccessTable {
  const configuration: Configuration | undefined = find(app, OidcRuntime)?.configuration;
  const inside = find(app, ApplicationAccess);
  const requireExplicitAccess = options.requireExplicitAccess;
  if (configuration !== undefined && inside !== undefined) {
    return inside.describe(configuration, { requireExplicitAccess, rpc: messageGuards(app, inside) });
  }
  // In preview mode nothing is instantiated: only what the options say as they are is known.
  const modules = app.get(ModulesContainer, { strict: false });
  const given: unknown = find(app, OIDC_MULTI_AUTH_OPTIONS);
  const known: Readonly<Record<string, unknown>> = isJsonObject(given) ? given : {};
  const own = options.authenticatingGuards ?? known['authenticatingGuards'];
  const clients = namesOf(known['clients']);
  return buildAccessTable({
    modules,
    config: app.get(ApplicationConfig, { strict: false }),
    guards: {
      authenticating: undefined,
      authorizing: undefined,
      own: Array.isArray(own) ? own : [],
      clients,
    },
    bound: { http: 'all', ws: hasGuardedGateways() ? 'all' : 'none', rpc: 'listen' in app ? 'all' : 'none' },
    requireExplicitAccess: (requireExplicitAccess ?? known['requireExplicitAccess']) === true,
    isClient: clients && ((name) => clients.includes(name)),
    foreignRoutes: () => [],
    unguardedRoutes: [],
    ruleProviderFault: (policy, controller) => ruleProviderFault(modules, policy, controller),
  });
}

/** The names of clients whose options are given as they are. */
function namesOf(clients: unknown): string[] | undefined {
  if (!Array.isArray(clients)) {
    return undefined;
  }
  return clients.map((client: unknown) => String(isJsonObject(client) ? client['name'] : ''));
}

/** A provider, if the application has it; undefined also where it is not instantiated. */
function find<T>(app: INestApplicationContext, token: InjectionToken<T>): T | undefined {
  try {
    return app.get<T | null>(token, { strict: false }) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Global guards stand before messages in a microservice, and in a hybrid application where it was connected with `inheritAppConfig`. */
function messageGuards(app: INestApplicationContext, { binding }: ApplicationAccess): BoundInstances {
  if (!('getMicroservices' in app) || typeof app.getMicroservices !== 'function') {
    return 'listen' in app ? binding.routes() : 'none';
  }
  const config = app.get(ApplicationConfig, { strict: false });
  const connected: unknown = app.getMicroservices();
  const isInheriting =
    Array.isArray(connected) &&
    connected.length > 0 &&
    connected.every((microservice: object) => Reflect.get(microservice, 'applicationConfig') === config);
  if (!isInheriting) {
    return 'none';
  }
  return binding.knowsMicroservices ? binding.messages(true) : binding.routes();
}
