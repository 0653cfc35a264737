import type { INestApplicationContext, InjectionToken } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import type { Configuration } from '../../configuration/resolve-configuration';
import { policyFault } from '../access/find-policy';
import { MultiJwtGuard } from '../guards/multi-jwt.guard';
import { OidcRuntime } from '../runtime/oidc-runtime';
import { RolesGuard } from '../guards/roles.guard';
import { isJsonObject } from '../../core/token/json-object';
import type { FindingContext } from './access-finding';
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
  const config = app.get(ApplicationConfig, { strict: false });
  const modules = app.get(ModulesContainer, { strict: false });
  // In preview mode only what the options say as they are is known.
  const configuration: Configuration | undefined = find(app, OidcRuntime)?.configuration;
  const known: unknown = configuration ?? find(app, OIDC_MULTI_AUTH_OPTIONS);
  const { requireExplicitAccess, authenticatingGuards } = isJsonObject(known) ? known : {};
  return buildAccessTable({
    modules,
    config,
    guards: {
      authenticating: find(app, MultiJwtGuard),
      authorizing: find(app, RolesGuard),
      own: Array.isArray(authenticatingGuards) ? authenticatingGuards : [],
    },
    hasGuardedMessages: hasGuardedMessages(app, config),
    hasGuardedGateways: hasGuardedGateways(),
    requireExplicitAccess: (options.requireExplicitAccess ?? requireExplicitAccess) === true,
    isClient: isClientOf(configuration, known),
    policyFault: (policy, controller) => policyFault(modules, policy, controller),
  });
}

/** Whether a client is configured: by the configuration, else by options that are given as they are. */
function isClientOf(configuration: Configuration | undefined, options: unknown): FindingContext['isClient'] {
  if (configuration !== undefined) {
    return (name) => configuration.clients.client(name) !== undefined;
  }
  const clients: unknown = isJsonObject(options) ? options['clients'] : undefined;
  if (!Array.isArray(clients)) {
    return undefined;
  }
  const names = new Set(clients.map((client: unknown) => (isJsonObject(client) ? client['name'] : undefined)));
  return (name) => names.has(name);
}

/** A provider, if the application has it; undefined also where it is not instantiated. */
function find<T>(app: INestApplicationContext, token: InjectionToken<T>): T | undefined {
  try {
    return app.get<T | null>(token, { strict: false }) ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether global guards stand before the messages of microservices: in a microservice of its own they do, in a hybrid
 * application only where each was connected with `inheritAppConfig`.
 */
function hasGuardedMessages(app: INestApplicationContext, config: ApplicationConfig): boolean {
  if (!('getMicroservices' in app) || typeof app.getMicroservices !== 'function') {
    return 'listen' in app;
  }
  const connected: unknown = app.getMicroservices();
  return (
    Array.isArray(connected) &&
    connected.length > 0 &&
    connected.every((microservice: object) => Reflect.get(microservice, 'applicationConfig') === config)
  );
}
