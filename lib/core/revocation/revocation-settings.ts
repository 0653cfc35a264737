import type { IssuerConfiguration } from '../client/client';
import type { RevocationStore } from './revocation-store';

/**
 * A transmitter of security events, as configured.
 *
 * @internal
 */
export interface TransmitterSettings {
  /** The `iss` of its events. */
  readonly issuer: string;
  /** The `aud` of its events. */
  readonly audiences: ReadonlySet<string>;
  /** The issuers whose subjects and sessions it may revoke. */
  readonly issuers: ReadonlySet<string>;
  /** Where its keys are; undefined where it is an issuer of the clients, whose keys are used then. */
  readonly keys: IssuerConfiguration | undefined;
  /** The exact `Authorization` header that it sends; undefined where it sends none. */
  readonly authorization: string | undefined;
  /** Where events are polled (RFC 8936); undefined where they are pushed. */
  readonly pollEndpoint: string | undefined;
}

/**
 * The revocation of tokens, as configured.
 *
 * @internal
 */
export interface RevocationSettings {
  readonly store: RevocationStore | undefined;
  /** Seconds. */
  readonly maxTokenLifetime: number;
  readonly whenUnavailable: 'accept' | 'refuse';
  /** Seconds. */
  readonly maxLag: number;
  /** The path of the endpoint for logout tokens; undefined where there is none. */
  readonly logoutPath: string | undefined;
  /** The path of the endpoint for security events; undefined where there is none. */
  readonly eventsPath: string | undefined;
  readonly transmitters: readonly TransmitterSettings[];
}
