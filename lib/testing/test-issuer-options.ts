import type { OidcClientOptions, OidcClientRules } from '../configuration/options';
import type { AsymmetricAlgorithm } from '../core/key/algorithm';

/** How a test issuer is set up. */
export interface TestIssuerOptions {
  /** What it signs with unless told otherwise. Default: RS256. */
  readonly algorithm?: AsymmetricAlgorithm;
  /** The path of its issuer identifier. Default: `/auth/realms/standard`, the layout of Gold SSO. */
  readonly path?: string;
  /** How far its clock is ahead, in seconds; negative: behind. Default: 0. */
  readonly clockSkew?: number;
  /** The port of 127.0.0.1 that it listens on. Default: one that is free. */
  readonly port?: number;
  /** The clients that `tokenForClient` knows by name. Default: none. */
  readonly clients?: readonly OidcClientOptions[];
  /** What these clients inherit, as in the options of the module. Default: nothing. */
  readonly defaults?: OidcClientRules;
}

/** What a test token is signed with. */
export interface TestSignOptions {
  /** Default: the issuer's algorithm. */
  readonly algorithm?: AsymmetricAlgorithm;
  /** Header members to add or replace; one that is `undefined` here is left out. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** How an outage is. */
export interface TestOutageOptions {
  /** How late the answers of a `slow` issuer are, in milliseconds. Default: 1000. */
  readonly delay?: number;
}
