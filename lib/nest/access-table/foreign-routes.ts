import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { graphqlPaths } from './message-handlers';

/** A route outside Nest's router, so no guard applies to it. `USE` is middleware on a path. */
export interface ForeignRoute {
  readonly method: string;
  readonly path: string;
}

/** A part of the adapters of Express and Fastify. */
interface HttpAdapter {
  getType(): string;
  getInstance(): unknown;
  normalizePath?(path: string): string;
}

/** The routes that are not foreign. */
interface KnownRoutes {
  readonly modules: ModulesContainer;
  readonly config: ApplicationConfig;
  /** The routes of controllers. */
  readonly controllers: readonly ForeignRoute[];
  /** The paths of this library's own endpoints. */
  readonly own: readonly string[];
}

/** Middleware on one of these paths runs before everything and serves no path of its own. */
const EVERYTHING = ['', '/', '*', '/*', '*path', '/*path', '{*path}', '/{*path}', '{/*path}'];

/**
 * Records the routes of the HTTP server outside Nest's router: those of `getHttpAdapter()`, of middleware on a path, and of
 * modules that add their own. Has to start with the application: Express does not keep the paths of middleware, and Fastify
 * reports a route only when it is added.
 */
export class ForeignRoutes {
  readonly #told: ForeignRoute[] = [];
  #beforeNest: readonly ForeignRoute[] = [];

  constructor(private readonly adapter: HttpAdapter) {
    const instance = adapter.getInstance();
    if (adapter.getType() === 'fastify') {
      this.#watchFastify(instance);
    }
    this.#watchUse(adapter.getType() === 'fastify' ? adapter : instance);
  }

  /** Call this before Nest adds its routes. Routes that exist by then take precedence. */
  bindRoutes(): void {
    this.#beforeNest = this.#routes();
  }

  /** All routes outside Nest's router, without duplicates, in order. */
  list(known: KnownRoutes): ForeignRoute[] {
    const spelled = ({ method, path }: ForeignRoute): string => `${method} ${path}`;
    const ofNest = new Set(known.controllers.map(spelled));
    // A route after one of Nest with the same path is never reached.
    const unknown = this.#routes()
      .slice(this.#beforeNest.length)
      .filter((route) => !ofNest.has(spelled(route)) && !isOfPrefix(route, known.config));
    // Adapters spell wildcards in their own way, and log a warning when asked. Ask only if needed.
    const wild = unknown.length === 0 ? [] : known.controllers.filter(({ path }) => /[*?+(]/.test(path));
    const respelled = new Set(
      wild.map(({ method, path }) => spelled({ method, path: this.adapter.normalizePath?.(path) ?? path })),
    );
    const prefix = withSlash(known.config.getGlobalPrefix());
    const foreign = [
      ...this.#beforeNest,
      ...unknown.filter((route) => !respelled.has(spelled(route))),
      ...this.#told.filter(({ method, path }) => method === 'USE' && path !== prefix),
    ];
    const served = new Set([...known.own, ...graphqlPaths(known.modules, known.config.getGlobalPrefix())]);
    const unique = new Map(foreign.map((route) => [spelled(route), route]));
    return [...unique.values()].filter(({ path }) => !served.has(path));
  }

  #routes(): ForeignRoute[] {
    return this.adapter.getType() === 'fastify'
      ? this.#told.filter(({ method }) => method !== 'USE')
      : routesOfExpress(this.adapter.getInstance());
  }

  #watchFastify(instance: unknown): void {
    const addHook = member(instance, 'addHook');
    if (typeof addHook !== 'function') {
      return;
    }
    const told = (route: unknown): void => {
      const methods = [member(route, 'method')].flat();
      const path = String(member(route, 'url'));
      const isEveryMethod = methods.length > 6;
      for (const method of isEveryMethod ? ['ALL'] : methods) {
        // Fastify answers HEAD for each GET route. CORS answers OPTIONS without a route.
        if (method !== 'HEAD' && !(method === 'OPTIONS' && EVERYTHING.includes(path))) {
          this.#told.push({ method: String(method), path });
        }
      }
    };
    Reflect.apply(addHook, instance, ['onRoute', told]);
  }

  #watchUse(target: unknown): void {
    const use = member(target, 'use');
    if (typeof use !== 'function' || (typeof target !== 'object' && typeof target !== 'function') || target === null) {
      return;
    }
    const told = this.#told;
    Reflect.set(target, 'use', function (this: unknown, ...args: unknown[]): unknown {
      for (const path of [args[0]].flat(2)) {
        const isPath = typeof path === 'string' || path instanceof RegExp;
        if (isPath && !EVERYTHING.includes(String(path))) {
          told.push({ method: 'USE', path: String(path) });
        }
      }
      return Reflect.apply(use, this ?? target, args);
    });
  }
}

/** Whether `unguardedRoutes` accepts a route: `GET /health`, `/health` for any method, `/docs/*` for all below `/docs` and itself. */
export function acceptsRoute(entry: string, { method, path }: ForeignRoute): boolean {
  const [first = '', second] = entry.split(' ');
  const pattern = second ?? first;
  if (second !== undefined && first !== method) {
    return false;
  }
  const base = pattern.endsWith('/*') ? pattern.slice(0, -2) : undefined;
  return path === pattern || (base !== undefined && (path === base || path.startsWith(`${base}/`)));
}

/** Nest answers 404 at the paths that are excluded from the global prefix. */
function isOfPrefix({ method, path }: ForeignRoute, config: ApplicationConfig): boolean {
  const { exclude = [] } = config.getGlobalPrefixOptions();
  return method === 'ALL' && exclude.some((route) => withSlash(route.path) === path);
}

function routesOfExpress(instance: unknown): ForeignRoute[] {
  const stack = member(member(instance, 'router') ?? member(instance, '_router'), 'stack');
  return (Array.isArray(stack) ? stack : []).flatMap((layer: unknown) => {
    const route = member(layer, 'route');
    const methods = Object.keys(member(route, 'methods') ?? {});
    const paths = [member(route, 'path')].flat().filter((path) => typeof path === 'string' || path instanceof RegExp);
    const names = methods.includes('_all') || methods.length > 6 ? ['ALL'] : methods.map((name) => name.toUpperCase());
    return paths.flatMap((path) => names.map((method) => ({ method, path: String(path) })));
  });
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

function member(value: unknown, name: string): unknown {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject ? (Reflect.get(value, name) as unknown) : undefined;
}
