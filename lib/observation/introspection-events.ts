import { channel } from 'node:diagnostics_channel';

/** The name of the `node:diagnostics_channel` on which the state of introspection endpoints is published. */
export const INTROSPECTION_CHANNEL = 'nestjs-oidc-multi-auth:introspection';

/** An issuer cannot be asked about tokens any more, or it can again. It never says about which tokens. */
export interface IntrospectionEvent {
  /** When it happened, in milliseconds since the epoch. */
  readonly time: number;
  /** `unavailable` after the first request that fails, `available` after the first one that succeeds again. */
  readonly type: 'unavailable' | 'available';
  /** The issuer, as it is configured. */
  readonly issuer: string;
  /** Why the request failed; absent for `available`. */
  readonly reason?: string;
}

const events = channel(INTROSPECTION_CHANNEL);

/**
 * Publishes that an issuer cannot be asked, or can again.
 *
 * @param time milliseconds since the epoch.
 * @internal
 */
export function publishIntrospection(time: number, issuer: string, reason: string | undefined): void {
  if (events.hasSubscribers) {
    const event: IntrospectionEvent =
      reason === undefined ? { time, type: 'available', issuer } : { time, type: 'unavailable', issuer, reason };
    events.publish(Object.freeze(event));
  }
}
