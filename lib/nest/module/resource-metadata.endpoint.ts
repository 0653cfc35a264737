import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { isRetired } from '../../core/client/client';
import { parseUrl } from '../../core/url';
import { OidcRuntime } from '../runtime/oidc-runtime';

/** How long callers may keep the document, in seconds (RFC 9728 section 7.10). */
const MAX_AGE = 3600;

/**
 * Serves the protected resource metadata (RFC 9728) where callers look for it: at the root of the host, whatever the
 * application's prefix and versions are, open to everybody.
 *
 * @internal
 */
@Injectable()
export class ResourceMetadataEndpoint {
  /** The scopes that routes ask for, known once the application has been described. */
  scopes: readonly string[] = [];

  constructor(
    @Inject(OidcRuntime) private readonly runtime: OidcRuntime,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {}

  /** Adds the routes, ahead of those of the application, of which one may take every path. */
  addRoutes(): void {
    const { protectedResource } = this.runtime;
    const { httpAdapter } = this.adapterHost;
    // A microservice has no adapter, and nowhere to serve it.
    if (protectedResource === undefined || (httpAdapter ?? undefined) === undefined) {
      return;
    }
    for (const path of protectedResource.paths) {
      httpAdapter.get(path, (_request: unknown, response: unknown): void => {
        const issuers = this.issuers();
        // Until every issuer has said who it is, the document is not what it will be.
        const isComplete = issuers.every((issuer) => issuer !== undefined);
        const known = issuers.filter((issuer) => issuer !== undefined);
        const document = protectedResource.document(path, { issuers: known, scopes: this.scopes });
        httpAdapter.setHeader(response, 'Content-Type', 'application/json; charset=utf-8');
        httpAdapter.setHeader(response, 'Cache-Control', isComplete ? `public, max-age=${MAX_AGE}` : 'no-store');
        httpAdapter.reply(response, document, 200);
      });
    }
  }

  /**
   * The authorization servers of clients that are not retired: those that are known by a URL; undefined for one that has not
   * said yet who it is. Who shares a secret with this API is no server for others to ask.
   */
  private issuers(): (string | undefined)[] {
    const { clients, issuers } = this.runtime.current;
    const now = this.runtime.clock.now();
    return clients.clients
      .filter((client) => !isRetired(client, now) && client.usesKeySet)
      .map((client) => issuers.of(client.issuer).identifier)
      .filter((identifier) => identifier === undefined || /^https?:$/.test(parseUrl(identifier)?.protocol ?? ''));
  }
}
