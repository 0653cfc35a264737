import { channel } from 'node:diagnostics_channel';

/** The name of the `node:diagnostics_channel` on which changes of the clients are published. */
export const CLIENTS_CHANNEL = 'nestjs-oidc-multi-auth:clients';

/** What a change did to the clients, by their names. */
export interface OidcClientsChange {
  /** The generation that is in force since; the one before if nothing changed. */
  readonly generation: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** What happened to the clients of this process. */
export interface OidcClientsEvent extends OidcClientsChange {
  /** When it happened, in milliseconds since the epoch. */
  readonly time: number;
  /** Other clients are in force, or they could not be had and those before go on. */
  readonly type: 'changed' | 'failed';
  /** Why it failed; absent for a change. */
  readonly reason?: string;
}

const events = channel(CLIENTS_CHANNEL);

/**
 * Publishes what happened to the clients.
 *
 * @internal
 */
export function publishClients(event: OidcClientsEvent): void {
  if (events.hasSubscribers) {
    events.publish(Object.freeze(event));
  }
}
