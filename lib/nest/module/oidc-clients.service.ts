import { Inject, Injectable } from '@nestjs/common';
import type { OidcClientOptions } from '../../configuration/client-options';
import { isRetired } from '../../core/client/client';
import type { OidcClientsChange } from '../../observation/clients-events';
import { ClientDirectory } from '../directory/client-directory';
import type { OidcDirectoryStatus } from '../directory/directory-state';
import { SourceFollower } from '../directory/source-follower';
import { OidcRuntime } from '../runtime/oidc-runtime';

/** One client of now, as far as anybody may know it. */
export interface OidcClientDescription {
  readonly name: string;
  /** Its issuers: several for a client with tenants. */
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  /** Whether it is past its sunset, so that its tokens are refused. */
  readonly isRetired: boolean;
}

/**
 * The clients of the running application: who they are, and how to exchange them.
 *
 * An exchange is whole or not at all. Clients that it removes are refused from the next request on, and their open
 * connections end within a second. Clients that it does not change keep their keys. Exchanges take effect one after the
 * other, in the order of the calls.
 *
 * @example
 * ```ts
 * const { added, removed } = await app.get(OidcClients).replace([
 *   { name: 'bcmi', audience: 'mds-bcmi-4587', issuer: 'https://sso.example/auth/realms/standard' },
 * ]);
 * ```
 */
@Injectable()
export class OidcClients {
  @Inject(OidcRuntime)
  private readonly runtime!: OidcRuntime;

  @Inject(ClientDirectory)
  private readonly directory!: ClientDirectory;

  @Inject(SourceFollower)
  private readonly follower!: SourceFollower;

  /** The names of all clients of now. */
  get names(): readonly string[] {
    return this.runtime.current.clients.names;
  }

  /** How many times the clients were changed, and 1; 0 while there are none yet. */
  get generation(): number {
    return this.runtime.current.generation;
  }

  /** Describes a client of now; undefined if there is none of this name. */
  get(name: string): OidcClientDescription | undefined {
    const { clients, issuers } = this.runtime.current;
    if (clients.client(name) === undefined) {
      return undefined;
    }
    const ofName = clients.clients.filter((client) => client.name === name);
    const now = this.runtime.clock.now();
    return {
      name,
      issuers: [...new Set(ofName.map(({ issuer }) => issuers.of(issuer).label))],
      audiences: [...new Set(ofName.flatMap(({ audiences }) => [...audiences]))],
      isRetired: ofName.every((client) => isRetired(client, now)),
    };
  }

  /**
   * Puts other clients in the place of all clients of now. With a `clientSource`, they hold until that is loaded again.
   *
   * @param clients all clients from now on, as in the options of the module. `defaults` holds for them too.
   * @returns what changed, once it is in force. New issuers' keys are fetched before, for at most `fetchTimeout`.
   * @throws OidcConfigurationError with every fault at once. Then nothing is changed.
   */
  replace(clients: readonly OidcClientOptions[]): Promise<OidcClientsChange> {
    return this.directory.exchange(() => clients);
  }

  /**
   * Loads the `clientSource` again, and exchanges the clients.
   *
   * @returns what changed, once it is in force.
   * @throws TypeError without a `clientSource`; what the source rejects with; OidcConfigurationError with every fault at
   *   once. Then nothing is changed, and the source is tried again.
   */
  async reload(): Promise<OidcClientsChange> {
    if (!this.runtime.hasSource) {
      throw new TypeError('reload: the module has no clientSource; give one, or use replace()');
    }
    return this.follower.reload();
  }

  /** The state of the clients. Makes no request. */
  status(): OidcDirectoryStatus {
    return this.directory.state.status;
  }
}
