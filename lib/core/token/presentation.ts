import type { RequestHeaders } from './bearer';
import type { OidcRequest } from './oidc-request';

/** Where a caller presented a token; `direct` where code of the application hands it over, without a request. */
export type PresentationSource = 'header' | 'cookie' | 'query' | 'body' | 'custom' | 'direct';

/**
 * A token as its caller presents it. It travels through every step of the decision, so that a step may look at the request:
 * a proof of possession is about its method and URL (RFC 9449 section 4.3), a certificate-bound token about its TLS
 * connection (RFC 8705 section 3). What is not an HTTP request has neither.
 *
 * @internal
 */
export interface Presentation {
  /** The authentication scheme of the token (RFC 6750 section 2.1, RFC 9449 section 7.1). */
  readonly scheme: 'Bearer' | 'DPoP';
  /** The token. Nothing in it has been looked at. */
  readonly token: string;
  readonly source: PresentationSource;
  readonly method: string | undefined;
  /** The request target as the server received it: path and query. */
  readonly url: string | undefined;
  readonly headers: RequestHeaders;
  /** The client's certificate from the TLS connection, as DER; undefined where there is none. */
  readonly certificate: Buffer | undefined;
  /** The address that the request came from: of the caller, or of a proxy. */
  readonly peerAddress: string | undefined;
  /** The request itself, for functions of the application; undefined without one. */
  readonly request: OidcRequest | undefined;
  /** The same object for all who look at one HTTP request, whatever wraps it. */
  readonly exchange: object;
}

const NO_HEADERS: RequestHeaders = {};

/**
 * A token without a request.
 *
 * @internal
 */
export class DirectPresentation implements Presentation {
  constructor(readonly token: string) {}

  get scheme(): 'Bearer' {
    return 'Bearer';
  }

  get source(): 'direct' {
    return 'direct';
  }

  get method(): undefined {
    return undefined;
  }

  get url(): undefined {
    return undefined;
  }

  get headers(): RequestHeaders {
    return NO_HEADERS;
  }

  get certificate(): undefined {
    return undefined;
  }

  get peerAddress(): undefined {
    return undefined;
  }

  get request(): undefined {
    return undefined;
  }

  get exchange(): object {
    return this;
  }
}
