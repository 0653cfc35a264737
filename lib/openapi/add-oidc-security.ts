import { Logger, type INestApplicationContext } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { describeAccess } from '../nest/access-table/describe-access';
import { OidcRuntime } from '../nest/runtime/oidc-runtime';
import { DocumentRoutes } from './document-routes';
import { componentsOf, mapOperations, type OpenApiDocument, type Operation } from './open-api-document';
import { OperationSecurity } from './operation-security';
import { rulesOf } from './operation-rules';
import type { OidcSecurityOptions } from './options';
import { RefusalResponses } from './refusal-responses';
import { SecuritySchemes } from './security-schemes';

/** How many operations a warning names. */
const NAMED_IN_WARNING = 10;

/**
 * Adds the access rules of an application to its OpenAPI document: a security scheme for each client, `security` for each
 * operation, and the responses to refused requests (400, 401, 403, 503) with codes, body and headers. Reads the access
 * decorators and the guards, so that you need no `@ApiBearerAuth()`.
 *
 * Replaces `security` of operations behind `MultiJwtGuard` or with `@Public()`. Keeps all other operations, responses that
 * an operation describes itself, and security schemes that already have the name of a client.
 *
 * @param document the result of `SwaggerModule.createDocument(app, config)`. It is not changed.
 * @param app the application of the document.
 * @param options which clients and rules the document shows. Default: all of them. Secrets, audiences, and URLs that are
 *   not below an issuer are never shown.
 * @returns a document with these additions.
 * @throws Error if the application does not have `OidcMultiAuthModule`.
 * @example
 * ```ts
 * const config = new DocumentBuilder().setTitle('Mines').build();
 * const document = addOidcSecurity(SwaggerModule.createDocument(app, config), app);
 * SwaggerModule.setup('docs', app, document);
 * ```
 */
export function addOidcSecurity<Document extends OpenApiDocument>(
  document: Document,
  app: INestApplicationContext,
  options: OidcSecurityOptions = {},
): Document {
  const { configuration, clock } = runtimeOf(app);
  const table = describeAccess(app);
  const routes = new DocumentRoutes(table, app.get(ApplicationConfig, { strict: false }).getGlobalPrefix());
  const existing = componentsOf(document, 'securitySchemes');
  const schemes = new SecuritySchemes(
    existing,
    configuration.clients,
    options,
    clock.now(),
    configuration.tokenSources,
    configuration.possession?.clientCertificate !== undefined,
  );
  const responses = new RefusalResponses(document, configuration);
  const security = new OperationSecurity(schemes, responses, options.roles ?? true);
  const unknown: string[] = [];
  const change = (operation: Operation, method: string, path: string): Operation => {
    const rules = routes.find(path, method, operation.operationId).flatMap((handler) => {
      const source = table.sourceOf(handler);
      return source === undefined ? [] : [rulesOf(handler, source)];
    });
    if (rules.length === 0) {
      unknown.push(`${method.toUpperCase()} ${path}`);
      return operation;
    }
    return security.tell(operation, rules);
  };
  const paths = mapOperations(document.paths, change);
  warn(unknown);
  const components = {
    ...document.components,
    ...ifAny('schemas', responses.schemas),
    ...ifAny('responses', responses.responses),
    ...ifAny('securitySchemes', schemes.all),
  };
  return { ...document, paths, ...(Object.keys(components).length > 0 && { components }) };
}

function runtimeOf(app: INestApplicationContext): OidcRuntime {
  let runtime: OidcRuntime | null = null;
  try {
    runtime = app.get<OidcRuntime | null>(OidcRuntime, { strict: false });
  } catch {
    // Nest throws if there is no such provider.
  }
  if (runtime === null) {
    throw new Error('addOidcSecurity() needs an application with OidcMultiAuthModule: import it with forRoot()');
  }
  return runtime;
}

function ifAny(kind: string, components: object): Record<string, object> {
  return Object.keys(components).length > 0 ? { [kind]: components } : {};
}

function warn(unknown: readonly string[]): void {
  if (unknown.length > 0) {
    const more = unknown.length > NAMED_IN_WARNING ? ` and ${unknown.length - NAMED_IN_WARNING} more` : '';
    new Logger('OidcMultiAuthModule').warn(
      `operations of the OpenAPI document that are no routes of the application stay as they are: ` +
        `${unknown.slice(0, NAMED_IN_WARNING).join(', ')}${more}`,
    );
  }
}
