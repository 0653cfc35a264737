import { X509Certificate } from 'node:crypto';
import { normalizeUri, type ProofOrigin } from '../core/proof/target-uri';
import type { RequestHeaders } from '../core/token/bearer';
import type { Presentation } from '../core/token/presentation';
import type { ExplainedRequest } from './explanation';

/** A token as an explained request presents it. */
export class ExplainedPresentation implements Presentation {
  readonly source = 'header';
  readonly scheme: 'Bearer' | 'DPoP';
  readonly method: string;
  readonly url: string;
  readonly headers: RequestHeaders;
  readonly certificate: Buffer | undefined;
  readonly peerAddress = undefined;
  readonly request = undefined;

  constructor(
    readonly token: string,
    { proof, method, url, certificate }: ExplainedRequest,
    origins: readonly ProofOrigin[],
  ) {
    this.scheme = proof === undefined ? 'Bearer' : 'DPoP';
    this.method = method;
    this.url = targetOf(url, origins);
    this.headers = { headers: proof === undefined ? {} : { dpop: proof } };
    this.certificate = certificate === undefined ? undefined : new X509Certificate(certificate).raw;
  }

  get exchange(): object {
    return this;
  }
}

/** What the server gets of a URL: what comes behind the origin, or a path as it is. */
function targetOf(url: string, origins: readonly ProofOrigin[]): string {
  const normal = url.startsWith('/') ? undefined : normalizeUri(url);
  if (normal === undefined) {
    return url;
  }
  for (const { base, path, isStripped } of origins) {
    const front = isStripped ? base + path : base;
    if (normal.startsWith(`${front}/`)) {
      return normal.slice(front.length);
    }
  }
  return normal.replace(/^https?:\/\/[^/]*/, '');
}
