import type { TLSSocket } from 'node:tls';
import { headersOf, type OidcRequest } from '../core/token/oidc-request';
import type { RequestHeaders } from '../core/token/bearer';
import type { Presentation, PresentationSource } from '../core/token/presentation';

/**
 * A token from a request. Properties of the request are read on demand, because most decisions do not need them.
 *
 * @internal
 */
export class RequestPresentation implements Presentation {
  constructor(
    readonly token: string,
    readonly source: PresentationSource,
    readonly request: OidcRequest,
    readonly scheme: 'Bearer' | 'DPoP' = 'Bearer',
  ) {}

  get method(): string | undefined {
    return this.request.method;
  }

  get url(): string | undefined {
    return this.request.originalUrl ?? this.request.url;
  }

  get headers(): RequestHeaders {
    return headersOf(this.request);
  }

  get certificate(): Buffer | undefined {
    const { socket = this.request.raw?.socket } = this.request;
    // Without a certificate, Node.js answers with an empty object or null.
    return isTls(socket) ? (socket.getPeerCertificate() as { raw?: Buffer } | null)?.raw : undefined;
  }

  get peerAddress(): string | undefined {
    const { socket = this.request.raw?.socket } = this.request;
    const address: unknown =
      typeof socket === 'object' && socket !== null ? Reflect.get(socket, 'remoteAddress') : undefined;
    return typeof address === 'string' ? address : undefined;
  }

  /** The raw header lines, if there are any: objects that wrap a request have the same. */
  get exchange(): object {
    return headersOf(this.request).rawHeaders ?? this.request;
  }
}

function isTls(socket: unknown): socket is Pick<TLSSocket, 'getPeerCertificate'> {
  return (
    typeof socket === 'object' &&
    socket !== null &&
    'getPeerCertificate' in socket &&
    typeof socket.getPeerCertificate === 'function'
  );
}
