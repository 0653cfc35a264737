/**
 * The part of an OpenAPI document (3.0 or later) that is read. `SwaggerModule.createDocument` of `@nestjs/swagger` returns
 * one.
 */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, object>>;
  readonly components?: object;
}

/**
 * The named components.
 *
 * @internal
 */
export type Components = Readonly<Record<string, unknown>>;

/**
 * One alternative of an operation's security: scheme names with scopes. An empty one requires nothing.
 *
 * @internal
 */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

/**
 * The part of an operation that is read.
 *
 * @internal
 */
export interface Operation {
  readonly operationId?: string;
  readonly security?: readonly SecurityRequirement[];
  readonly responses?: Readonly<Record<string, unknown>>;
}

/** Members of a path item that are not operations (OpenAPI 3.1 section 4.8.9.1). */
const NO_OPERATIONS: ReadonlySet<string> = new Set(['$ref', 'summary', 'description', 'servers', 'parameters']);

/**
 * Maps every operation of a document.
 *
 * @internal
 */
export function mapOperations(
  paths: OpenApiDocument['paths'],
  change: (operation: Operation, method: string, path: string) => Operation,
): Record<string, object> {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      path,
      Object.fromEntries(
        Object.entries(item).map(([method, operation]: [string, unknown]) => {
          const isOperation = !NO_OPERATIONS.has(method) && !method.startsWith('x-') && isObject(operation);
          return [method, isOperation ? change(operation, method, path) : operation];
        }),
      ),
    ]),
  );
}

/**
 * The components of one kind: `schemas`, `responses` and the like.
 *
 * @internal
 */
export function componentsOf(document: OpenApiDocument, kind: string): Components {
  const components: unknown = isObject(document.components) ? Reflect.get(document.components, kind) : undefined;
  return isObject(components) ? { ...components } : {};
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
