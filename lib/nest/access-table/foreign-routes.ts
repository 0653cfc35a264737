import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { graphqlPaths } from './message-handlers';

/** A route that Nest's router does not know, so that no guard stands before it. `USE` is middleware on a path. */
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

/** What a route is of Nest's own, or of this library. */
interface KnownRoutes {
  readonly modules: ModulesContainer;
  readonly config: ApplicationConfig;
  /** The routes of controllers. */
  readonly controllers: readonly ForeignRoute[];
  /** The paths of this library's own endpoints. */
  readonly own: readonly string[];
}

/** Middleware on one of these stands before everything, and serves no path of its own. */
const EVERYTHING = ['', '/', '*', '/*', '*path', '/*path', '{*path}', '/{*path}', '{/*path}'];

/**
 * Watches the routes of the HTTP server that are no handlers of Nest's: those of `getHttpAdapter()`, of middleware on a path, and
 * of modules that serve by themselves. Express does not keep the paths of middleware, and Fastify tells of routes as they
 * are added: so it has to be there from the start.
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

  /** Nest is about to add its own routes: those that are there by now come first. */
  bindRoutes(): void {
    this.#beforeNest = this.#routes();
  }

  /** Every route that is not of Nest, each once, in order. */
  list(known: KnownRoutes): ForeignRoute[] {
    const spelled = ({ method, path }: ForeignRoute): string => `${method} ${path}`;
    const ofNest = new Set(known.controllers.map(spelled));
    // What comes after a route of Nest of the same name is never reached.
    const unknown = this.#routes()
      .slice(this.#beforeNest.length)
      .filter((route) => !ofNest.has(spelled(route)) && !isOfPrefix(route, known.config));
    // Adapters spell wildcards their own way, and log it when they are asked: only where it matters.
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
        // Fastify answers HEAD wherever GET is answered; the answer of CORS to OPTIONS is that of no route.
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

/** Nest answers with 404 at the paths that are excepted from the global prefix. */
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
