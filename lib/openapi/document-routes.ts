import type { AccessTable, HandlerAccess } from '../nest/access-table/access-table';

/**
 * Finds the handlers behind the operations of a document.
 *
 * @internal
 */
export class DocumentRoutes {
  /** By path with parameter names, then by path without. */
  readonly #exact = new Map<string, HandlerAccess[]>();
  readonly #nameless = new Map<string, HandlerAccess[]>();

  /** @param prefix the global prefix of the application, which a document may leave out. */
  constructor(
    table: AccessTable,
    private readonly prefix: string,
  ) {
    for (const handler of table.handlers.filter(({ context }) => context === 'http')) {
      const template = templateOf(handler.path);
      collect(this.#exact, template, handler);
      collect(this.#nameless, withoutNames(template), handler);
    }
  }

  /**
   * The handlers of an operation: usually one. There are several where only a host or a version tells them apart, because
   * the document shows neither.
   */
  find(path: string, method: string, operationId: string | undefined): readonly HandlerAccess[] {
    const prefixed = `${this.prefix === '' || this.prefix.startsWith('/') ? '' : '/'}${this.prefix}${path}`;
    const places = [path, prefixed].map(withoutFinalSlash);
    const found = [
      ...places.map((place) => this.#exact.get(place)),
      ...places.map((place) => this.#nameless.get(withoutNames(place))),
    ]
      .map((handlers = []) => handlers.filter((handler) => answers(handler, method)))
      .find((handlers) => handlers.length > 0);
    return found === undefined ? [] : namedBy(operationId, found);
  }
}

/** Of several handlers, the one in the operation's id, in the form that Nest gives it. */
function namedBy(operationId: string | undefined, handlers: readonly HandlerAccess[]): readonly HandlerAccess[] {
  if (handlers.length === 1 || operationId === undefined) {
    return handlers;
  }
  const idOf = ({ handler }: HandlerAccess): string => handler.replace('.', '_');
  const exact = handlers.filter((handler) => idOf(handler) === operationId);
  // A version, a method or a number may follow.
  const similar = handlers.filter((handler) =>
    [`${idOf(handler)}_`, `${idOf(handler)}[`].some((start) => operationId.startsWith(start)),
  );
  return exact.length > 0 ? exact : similar.length > 0 ? similar : handlers;
}

function answers({ method }: HandlerAccess, documented: string): boolean {
  return method === 'ALL' || method.toLowerCase() === documented;
}

/** A path in the form of documents: parameters and wildcards in braces, and optional parts present. */
function templateOf(path: string): string {
  const template = path.replaceAll(
    /\\(.)|::|\[:\]|:(\w+)(?:\([^)]*\))?[?*+]?|\*(\w*)|\(\.\*\)|[{}]/g,
    (text: string, escaped?: string, parameter?: string, wildcard?: string) => {
      if (escaped !== undefined) {
        return escaped;
      }
      if (text === '::' || text === '[:]') {
        return ':';
      }
      return text === '{' || text === '}' ? '' : `{${parameter ?? (wildcard || 'path')}}`;
    },
  );
  return withoutFinalSlash(template);
}

function withoutNames(template: string): string {
  return template.replaceAll(/\{[^{}]*\}/g, '{}');
}

function withoutFinalSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function collect<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) {
    lists.set(key, [value]);
  } else {
    list.push(value);
  }
}
