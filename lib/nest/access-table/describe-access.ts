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

/** Options of `describeAccess`. */
export interface DescribeAccessOptions {
  /**
   * Whether each handler must declare who may call it. Default: the option of the module. In preview mode, options of a
   * factory are unknown.
   */
  readonly requireExplicitAccess?: boolean;
  /**
   * In preview mode: the application's own guards that authenticate, as in the options of the module. Default: the option of
   * the module, unless a factory makes it.
   */
  readonly authenticatingGuards?: OidcMultiAuthOptions['authenticatingGuards'];
}

/**
 * Describes who may call what in an application: each HTTP route, GraphQL operation, WebSocket message and microservice
 * message, with its guards, its decorators and their places, and findings about them. Changes nothing.
 *
 * @param app an application, started or not, or in preview mode. It includes what `main.ts` has added so far: prefix,
 *   versions, guards, microservices.
 * @param options overrides of the module's options.
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
  // In preview mode, nothing is instantiated. Only literal options are known.
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

/** The names of clients in literal options. */
function namesOf(clients: unknown): string[] | undefined {
  if (!Array.isArray(clients)) {
    return undefined;
  }
  return clients.map((client: unknown) => String(isJsonObject(client) ? client['name'] : ''));
}

/** A provider; undefined if the application does not have it, or has not instantiated it. */
function find<T>(app: INestApplicationContext, token: InjectionToken<T>): T | undefined {
  try {
    return app.get<T | null>(token, { strict: false }) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Global guards apply to messages of a microservice, and of a hybrid application if it is connected with `inheritAppConfig`. */
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
