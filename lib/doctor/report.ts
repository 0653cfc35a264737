import type { Finding, FindingSeverity } from './finding';

/** A public key of an issuer, as examined. */
export interface KeyReport {
  /** Its `kid`; absent where it has none. */
  readonly keyId?: string | undefined;
  /** SHA-256 JWK thumbprint (RFC 7638); absent for a key that is ignored. */
  readonly thumbprint?: string | undefined;
  /** What it is, such as `RSA 2048` or `EC P-256`; absent for a key that is ignored. */
  readonly type?: string | undefined;
  /** What it may verify; nothing where it is ignored. */
  readonly algorithms: readonly string[];
  /** Why it is ignored; absent where it is not. */
  readonly ignored?: string | undefined;
}

/** An issuer, as examined. Whatever could not be seen is absent. */
export interface IssuerReport {
  readonly issuer: string;
  /** The worst that was found about it. */
  readonly status: FindingSeverity;
  /** Names of its clients. */
  readonly clients: readonly string[];
  /** Where its discovery document was. */
  readonly discoveryUrl?: string | undefined;
  /** Milliseconds until the document was there. */
  readonly discoveryMilliseconds?: number | undefined;
  /** Where its key set is. */
  readonly jwksUri?: string | undefined;
  /** Milliseconds until the key set was there. */
  readonly keySetMilliseconds?: number | undefined;
  /** How far its clock is ahead of this machine's, in seconds; negative: behind. */
  readonly clockOffset?: number | undefined;
  /** When the first of its certificates expires, ISO 8601. */
  readonly certificateExpires?: string | undefined;
  readonly keys: readonly KeyReport[];
}

/** A client, as examined. */
export interface ClientReport {
  readonly name: string;
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** The worst that was found about it. */
  readonly status: FindingSeverity;
  /** The algorithms it accepts. */
  readonly algorithms: readonly string[];
  /** Those of them that a key is there for; absent where the keys could not be had. */
  readonly verifiable?: readonly string[] | undefined;
}

/** Everything that was found. */
export interface DoctorReport {
  /** The worst that was found. */
  readonly status: FindingSeverity;
  readonly problems: number;
  readonly warnings: number;
  readonly issuers: readonly IssuerReport[];
  readonly clients: readonly ClientReport[];
  /** The worst first. */
  readonly findings: readonly Finding[];
}
