import type { RequestHeaders } from './bearer';

/**
 * The part of a request that is read, and `user`, which is written. Express and Fastify requests fit. For other transports
 * it is made from what they carry.
 */
export interface OidcRequest extends RequestHeaders {
  /** The connection, on Node's own requests. */
  readonly socket?: unknown;
  /** Node's own request, on Fastify. */
  readonly raw?: Pick<OidcRequest, 'headers' | 'rawHeaders' | 'socket'> | undefined;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** The whole URL, on Express, which removes the mount path of a router from `url`. */
  readonly originalUrl?: string | undefined;
  /** The body, if a parser has read it. */
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
