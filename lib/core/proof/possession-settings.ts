import type { CertificateFormat } from './certificate';
import type { NonceSettings } from './nonce';
import type { ReplayStore } from './replay-store';
import type { ProofOrigin } from './target-uri';

/**
 * Where the certificate of a caller is.
 *
 * @internal
 */
export type CertificateSource =
  | 'tls'
  | {
      /** In lower case. */
      readonly header: string;
      readonly format: CertificateFormat;
      /** Whether the header counts in a request that comes from this address. */
      readonly isProxy: (address: string) => boolean;
    };

/**
 * How proofs of possession are checked, as configured.
 *
 * @internal
 */
export interface PossessionSettings {
  readonly origins: readonly ProofOrigin[];
  /** Seconds. */
  readonly maxProofAge: number;
  /** As challenges name them. */
  readonly namedAlgorithms: readonly string[];
  /** With both names of EdDSA. */
  readonly algorithms: ReadonlySet<string>;
  readonly nonce: NonceSettings | undefined;
  readonly replayStore: ReplayStore | undefined;
  /** The most memory that used proofs may take in this process, in bytes. */
  readonly maxReplayBytes: number;
  readonly clientCertificate: CertificateSource | undefined;
  /** Whether some client accepts tokens under the scheme Bearer: plain ones, or ones bound to a certificate. */
  readonly acceptsBearer: boolean;
}
