import type { AsymmetricAlgorithm } from '../core/key/algorithm';
import type { CertificateFormat } from '../core/proof/certificate';
import type { ReplayStore } from '../core/proof/replay-store';

/**
 * How tokens are checked that are bound to a key (DPoP, RFC 9449) or to a certificate (mutual TLS, RFC 8705): a stolen one is
 * worth nothing without the key. Without this option such tokens are refused.
 */
export interface OidcProofOfPossession {
  /**
   * The public origins of the API: https URLs (http for localhost), with the path that a proxy removes from requests, if it
   * does. The `htu` of a proof is compared with them and the path of the request; `Host` and `X-Forwarded-*` never count.
   * Default: the resources of `resourceMetadata`, whose path may or may not be removed.
   */
  readonly origins?: readonly string[];
  /** How old a proof may be, in seconds, from 10 to 600. It may be 10 seconds ahead (FAPI 2.0). Default: 60. */
  readonly maxProofAge?: number;
  /** The algorithms of proofs. Default: ES256, EdDSA (which is Ed25519), PS256 and RS256. */
  readonly algorithms?: readonly AsymmetricAlgorithm[];
  /** That proofs must have a nonce of this API (RFC 9449 section 9). Default: none is asked for. */
  readonly nonce?: OidcProofNonce;
  /** Where used proofs are remembered. Give one where several processes serve the API. Default: this process's memory. */
  readonly replayStore?: ReplayStore;
  /**
   * The most memory that used proofs may take in this process, in bytes, from 262,144 to 4,294,967,296, at about 35 for each. When
   * it is full, proofs get 503 `state_unavailable`; none is forgotten early. Default: 67,108,864 (64 MiB).
   */
  readonly maxReplayBytes?: number;
  /**
   * Where the certificate of the caller is: `tls` for the TLS connection of Node.js, or the header of a proxy that ends TLS.
   * Default: nowhere, and tokens that are bound to a certificate are refused.
   */
  readonly clientCertificate?: 'tls' | OidcCertificateHeader;
}

/** The nonces that proofs must have. Nobody keeps them: processes with the same secrets accept each other's. */
export interface OidcProofNonce {
  /** The first makes nonces, and any of them verifies one: to change it, put a new one first. At least 32 characters each. */
  readonly secrets: readonly string[];
  /** How long a nonce is good, in seconds, from 30 to 86,400. Past half of that callers get a new one. Default: 300. */
  readonly lifetime?: number;
}

/** The header in which a proxy that ends TLS says the certificate of its caller. */
export interface OidcCertificateHeader {
  /** The name of the header, such as `client-cert`. The proxy must remove it from what callers send. */
  readonly header: string;
  /**
   * `rfc9440` for a byte sequence (RFC 9440), `pem` for PEM text as it is or percent-encoded (nginx), `xfcc` for
   * `x-forwarded-client-cert` of Envoy, with `Cert`.
   */
  readonly format: CertificateFormat;
  /** Addresses or networks (CIDR) of the proxies. The header of a request from any other address does not count. */
  readonly proxies: readonly string[];
}
