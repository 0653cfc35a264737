import { ACCESS_KIND_NAMES, ACCESS_KINDS, spellMember, type RoleRequirement } from '../../core/access/access-kinds';
import type { AuthenticationRequirement } from '../../core/access/authentication-requirement';
import type { AccessFinding, AccessOpenness } from './access-finding';
import type { GuardInForce } from './guards-in-force';
import type { HandlerContext } from './handler';
import { markdownTable } from './markdown-table';

/** The names in decorators of one kind, and where the decorators are. */
export interface DeclaredNames<Name = string> {
  readonly names: readonly Name[];
  readonly declaredOn: 'handler' | 'class';
}

/** Who may call one handler, and how that is enforced. */
export interface HandlerAccess {
  /** The kind of call: `http`, `graphql`, `ws`, `rpc`, or `other`. */
  readonly context: HandlerContext;
  /** `GET`, `ALL`, `Query`, `message` and the like. */
  readonly method: string;
  /** The path with prefix and version, the field of an operation, or the pattern of a message. */
  readonly path: string;
  /** Versions that are not part of the path. */
  readonly versions?: readonly string[];
  /** Hosts that it is bound to; absent for any. */
  readonly hosts?: readonly string[];
  /** The module that it stands in. */
  readonly module: string;
  /** Class and method, as in `MinesController.findAll`. */
  readonly handler: string;
  /** Who gets in. */
  readonly access: AccessOpenness;
  /** The place of `@Public()`, `@OptionalAuth()` or `@Authenticated()`; absent without one. */
  readonly openedOn?: 'handler' | 'class';
  /** Every guard before it, in order. */
  readonly guards: readonly string[];
  /** `@Clients()`. */
  readonly clients?: DeclaredNames;
  /** `@Roles()`. */
  readonly roles?: DeclaredNames<RoleRequirement>;
  /** `@AllRoles()`. */
  readonly allRoles?: DeclaredNames;
  /** `@Scopes()`. */
  readonly scopes?: DeclaredNames;
  /** `@AuthenticationContext()`. */
  readonly authenticationContext?: DeclaredNames<AuthenticationRequirement>;
  /** The names of the functions and classes in `@Authorize()`; `function` for one without a name. */
  readonly rules?: DeclaredNames;
  /** Its findings. */
  readonly findings: readonly AccessFinding[];
}

/**
 * The class and the method of a handler, and the facts about its guards.
 *
 * @internal
 */
export interface HandlerSource {
  readonly controller: Function;
  readonly handler: Function;
  readonly guards: readonly GuardInForce[];
  /** Whether the application has global guards of this library that do not apply to it. */
  readonly isMissedByGlobalGuards: boolean;
}

/**
 * Who may call a handler, in the shortest form, for tests. `unenforced`: the handler has decorators that no guard enforces.
 */
export type ExpectedAccess =
  | 'public'
  | 'optional'
  | 'unguarded'
  | 'authenticated'
  | 'unenforced'
  | {
      readonly clients?: readonly string[];
      readonly roles?: readonly RoleRequirement[];
      readonly allRoles?: readonly string[];
      readonly scopes?: readonly string[];
      readonly authenticationContext?: readonly AuthenticationRequirement[];
      readonly rules?: readonly string[];
    };

/**
 * All handlers of an application, and who may call each: as data, a Markdown table, JSON, and a short form for tests.
 *
 * @example
 * ```ts
 * const table = describeAccess(app);
 * console.log(table.toMarkdown());
 * expect(table.toMatrix()).toEqual({ 'GET /mines': { roles: ['core_view_all'] }, 'GET /health': 'public' });
 * ```
 */
export class AccessTable {
  readonly #sources: ReadonlyMap<HandlerAccess, HandlerSource>;

  /** @internal */
  constructor(
    /** Every handler, sorted by context, path and method. */
    readonly handlers: readonly HandlerAccess[],
    sources: ReadonlyMap<HandlerAccess, HandlerSource> = new Map(),
    /**
     * Entries of `unguardedRoutes` that match no route.
     *
     * @internal
     */
    readonly unmatchedRoutes: readonly string[] = [],
  ) {
    this.#sources = sources;
  }

  /**
   * The handlers with their classes, methods and names in tests.
   *
   * @internal
   */
  get names(): readonly (HandlerSource & { readonly key: string; readonly access: HandlerAccess })[] {
    return [...this.byKey()].flatMap(([key, handler]) => {
      const source = this.#sources.get(handler);
      return source === undefined ? [] : [{ ...source, key, access: handler }];
    });
  }

  /** @internal */
  sourceOf(handler: HandlerAccess): HandlerSource | undefined {
    return this.#sources.get(handler);
  }

  /**
   * The handlers of one context.
   *
   * @internal
   */
  only(context: HandlerContext): AccessTable {
    return new AccessTable(
      this.handlers.filter((handler) => handler.context === context),
      this.#sources,
    );
  }

  /** All findings, each with its handler. */
  get findings(): readonly (AccessFinding & { readonly handler: HandlerAccess })[] {
    return this.handlers.flatMap((handler) => handler.findings.map((finding) => ({ ...finding, handler })));
  }

  /** Who may call each handler, in the shortest form, by its key. */
  toMatrix(): Record<string, ExpectedAccess> {
    return Object.fromEntries([...this.byKey()].map(([key, handler]) => [key, expectedOf(handler)]));
  }

  /**
   * Every handler under the name it has in the matrix.
   *
   * @internal
   */
  byKey(): ReadonlyMap<string, HandlerAccess> {
    const counts = new Map<string, number>();
    for (const handler of this.handlers) {
      const key = keyOf(handler);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const byKey = new Map<string, HandlerAccess>();
    for (const handler of this.handlers) {
      const key = keyOf(handler);
      const own = (counts.get(key) ?? 0) > 1 ? `${key} [${handler.handler}]` : key;
      // Two classes may have the same name. Both must be in the matrix.
      let name = own;
      for (let number = 2; byKey.has(name); number += 1) {
        name = `${own} (${number})`;
      }
      byKey.set(name, handler);
    }
    return byKey;
  }

  /** A Markdown table, followed by all findings. */
  toMarkdown(): string {
    const rows = this.handlers.map((handler) => [
      handler.context === 'http' ? handler.method : `${handler.context} ${handler.method}`,
      [`\`${handler.path}\``, ...besidePath(handler)].join(' '),
      handler.access,
      asksOf(handler),
      handler.guards.join(', '),
      `\`${handler.handler}\``,
    ]);
    const table = markdownTable(['Method', 'Path', 'Access', 'Asks for', 'Guards', 'Handler'], rows);
    const findings = this.findings.map(
      ({ handler, code, problem, remedy }) => `- \`${code}\`: ${spellFinding(handler, problem)}; ${remedy}`,
    );
    return findings.length === 0 ? table : `${table}\n${findings.join('\n')}\n`;
  }

  /** The value for `JSON.stringify`. */
  toJSON(): { readonly handlers: readonly HandlerAccess[] } {
    return { handlers: this.handlers };
  }
}

/** A finding as a sentence. A route outside Nest's router is named by its path. */
export function spellFinding({ handler }: HandlerAccess, problem: string): string {
  return handler.startsWith('(') ? problem : `${handler}() ${problem}`;
}

/** How a test names a handler: `GET /mines`, `graphql Query mines`, `rpc event mine_closed`. */
function keyOf(handler: HandlerAccess): string {
  const { context, method, path } = handler;
  return [...(context === 'http' ? [] : [context]), method, path, ...besidePath(handler)].join(' ');
}

function besidePath({ versions, hosts }: HandlerAccess): string[] {
  return [
    ...(versions === undefined ? [] : [`(version ${versions.join(', ')})`]),
    ...(hosts === undefined ? [] : [`(host ${hosts.join(', ')})`]),
  ];
}

function expectedOf(handler: HandlerAccess): ExpectedAccess {
  if (handler.access !== 'guarded') {
    return handler.access;
  }
  if (handler.findings.some(({ code }) => code === 'unenforced')) {
    return 'unenforced';
  }
  const names = ACCESS_KIND_NAMES.flatMap((kind) => {
    const declared = handler[kind];
    return declared === undefined ? [] : [[kind, declared.names] as const];
  });
  return names.length === 0 ? 'authenticated' : Object.fromEntries(names);
}

function asksOf(handler: HandlerAccess): string {
  const asked = ACCESS_KIND_NAMES.flatMap((kind) => {
    const declared: DeclaredNames<RoleRequirement | AuthenticationRequirement> | undefined = handler[kind];
    return declared === undefined
      ? []
      : [`${ACCESS_KINDS[kind].words} ${declared.names.map(spellMember).join(', ')} (${declared.declaredOn})`];
  });
  if (asked.length > 0) {
    return asked.join('; ');
  }
  const anybody = { guarded: 'any good token', optional: 'no token, or a good one', public: 'nothing', unguarded: '' }[
    handler.access
  ];
  return handler.openedOn === undefined ? anybody : `${anybody} (${handler.openedOn})`;
}
