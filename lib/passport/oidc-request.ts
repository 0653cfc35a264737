import type { RequestHeaders } from '../token/bearer';

/** Just what is read of a request, and the one thing written to it: an Express or a Fastify request is one. */
export interface OidcRequest extends RequestHeaders {
  /** Fastify keeps Node's own request here. */
  readonly raw?: RequestHeaders | undefined;
  user?: unknown;
}

/** The headers of a request, with the raw header lines where the transport has them. */
export function headersOf(request: OidcRequest): RequestHeaders {
  return { headers: request.headers, rawHeaders: request.rawHeaders ?? request.raw?.rawHeaders };
}
