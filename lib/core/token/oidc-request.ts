import type { RequestHeaders } from './bearer';

/**
 * Just what is read of a request, and the one thing written to it: an Express or a Fastify request is one. For calls that
 * are no HTTP requests it is made of what the transport carries.
 */
export interface OidcRequest extends RequestHeaders {
  /** The connection; Node's own requests have it. */
  readonly socket?: unknown;
  /** Fastify keeps Node's own request here. */
  readonly raw?: Pick<OidcRequest, 'headers' | 'rawHeaders' | 'socket'> | undefined;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Express takes away from `url` what a router is mounted at, and keeps the whole here. */
  readonly originalUrl?: string | undefined;
  /** The body, where a parser has read it. */
  readonly body?: unknown;
  user?: unknown;
}

/** The headers of a request, with the raw header lines where the transport has them. */
export function headersOf(request: OidcRequest): RequestHeaders {
  return { headers: request.headers, rawHeaders: request.rawHeaders ?? request.raw?.rawHeaders };
}

/** The path of a request as the server received it, without the query. */
export function pathOf({ originalUrl, url = '' }: OidcRequest): string {
  return (originalUrl ?? url).split('?', 1)[0] ?? '';
}
