import { RequestMethod, VersioningType, type VersioningOptions } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import { handlerOf, methodsOf, type Handler, type HandlingClass } from './handler';

/** The metadata keys of Nest's decorators for routes. */
const PATH = 'path';
const METHOD = 'method';
const VERSION = '__version__';
const HOST = 'host';

type Version = NonNullable<Parameters<RoutePathFactory['create']>[0]['methodVersion']>;

/**
 * The HTTP routes of a controller, under the paths at which Nest itself serves them: with the global prefix and its
 * exceptions, the path of the module, and versions in the path.
 */
export function* httpRoutesOf(controller: HandlingClass, application: ApplicationConfig): Iterable<Handler> {
  const paths = new RoutePathFactory(application);
  const prefix = application.getGlobalPrefix();
  const versioningOptions: VersioningOptions | undefined = application.getVersioning();
  const { metatype, modules } = controller;
  const hosts = textsIn(Reflect.getMetadata(HOST, metatype));
  const controllerVersion = versioningOptions && (versionOf(metatype) ?? versioningOptions.defaultVersion);
  for (const method of methodsOf(controller)) {
    const { handler } = method;
    const methodPaths = textsIn(Reflect.getMetadata(PATH, handler));
    const requestMethod: unknown = Reflect.getMetadata(METHOD, handler);
    if (methodPaths === undefined || typeof requestMethod !== 'number') {
      continue;
    }
    const methodVersion = versionOf(handler);
    const places = modules.flatMap(({ name, path: modulePath }) =>
      (textsIn(Reflect.getMetadata(PATH, metatype)) ?? ['']).flatMap((ctrlPath) =>
        methodPaths.flatMap((methodPath) =>
          paths
            .create(
              {
                ctrlPath: withLeadingSlash(ctrlPath),
                methodPath: withLeadingSlash(methodPath),
                modulePath,
                globalPrefix: prefix === '' ? '' : withLeadingSlash(prefix),
                ...(versioningOptions && { versioningOptions }),
                ...(methodVersion && { methodVersion }),
                ...(controllerVersion && { controllerVersion }),
              },
              requestMethod,
            )
            .map((path) => ({ name, path })),
        ),
      ),
    );
    const versions = versionsBesidePath(versioningOptions, methodVersion ?? controllerVersion);
    const served = new Map(places.map(({ name, path }) => [path, name]));
    for (const [path, module] of served) {
      yield {
        ...handlerOf(controller, method, 'http'),
        method: RequestMethod[requestMethod] ?? String(requestMethod),
        path,
        module,
        ...(versions && { versions }),
        ...(hosts && { hosts }),
        isBehindGuards: true,
      };
    }
  }
}

/** The versions of a route that are not in its path, but in a header, a media type, or a function of the application. */
function versionsBesidePath(
  versioning: VersioningOptions | undefined,
  version: Version | undefined,
): readonly string[] | undefined {
  if (versioning === undefined || version === undefined || versioning.type === VersioningType.URI) {
    return undefined;
  }
  return [version].flat().map((one) => (typeof one === 'symbol' ? 'neutral' : one));
}

function versionOf(target: Function): Version | undefined {
  return Reflect.getMetadata(VERSION, target) as Version | undefined;
}

function textsIn(value: unknown): readonly string[] | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = values.filter((one) => one !== undefined).map(String);
  return texts.length === 0 ? undefined : texts;
}

function withLeadingSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
