import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { isRetired } from '../../core/client/client';
import { parseUrl } from '../../core/url';
import { OidcRuntime } from '../runtime/oidc-runtime';

/** How long the document may be cached, in seconds (RFC 9728 section 7.10). */
const MAX_AGE = 3600;

/** The same where clients change while the application runs. */
const MAX_AGE_OF_CHANGING = 60;

/**
 * Serves the protected resource metadata (RFC 9728) at the root of the host, whatever prefix and versions the application
 * has, to everybody.
 *
 * @internal
 */
@Injectable()
export class ResourceMetadataEndpoint {
  /** The scopes that routes require, known after the start-up audit. */
  scopes: readonly string[] = [];

  constructor(
    @Inject(OidcRuntime) private readonly runtime: OidcRuntime,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {}

  /** Adds the routes before those of the application, which may have a catch-all route. */
  addRoutes(): void {
    const { protectedResource } = this.runtime;
    const { httpAdapter } = this.adapterHost;
    // A microservice has no HTTP adapter.
    if (protectedResource === undefined || (httpAdapter ?? undefined) === undefined) {
      return;
    }
    for (const path of protectedResource.paths) {
      httpAdapter.get(path, (_request: unknown, response: unknown): void => {
        const issuers = this.issuers();
        // The document is incomplete until every issuer is known.
        const isComplete = this.runtime.current.generation > 0 && issuers.every((issuer) => issuer !== undefined);
        const known = issuers.filter((issuer) => issuer !== undefined);
        const { configuration, current, hasSource } = this.runtime;
        const { possession } = configuration;
        const document = protectedResource.document(path, { issuers: known, scopes: this.scopes, possession });
        const maxAge = hasSource || current.generation > 1 ? MAX_AGE_OF_CHANGING : MAX_AGE;
        httpAdapter.setHeader(response, 'Content-Type', 'application/json; charset=utf-8');
        httpAdapter.setHeader(response, 'Cache-Control', isComplete ? `public, max-age=${maxAge}` : 'no-store');
        httpAdapter.reply(response, document, 200);
      });
    }
  }

  /**
   * The authorization servers: issuers with a URL, of clients that are not retired; undefined for an issuer that is not
   * known yet. An issuer that shares a secret with this API is not one.
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
