import { Inject, Injectable } from '@nestjs/common';
import { isRetired } from '../../core/client/client';
import { OidcRuntime } from '../runtime/oidc-runtime';

/** How it stands with the keys of one client. */
export interface OidcClientHealth {
  /** `up` with keys, `down` without. */
  readonly status: 'up' | 'down';
  /** Whether the application is not well without this client's keys. */
  readonly need: 'required' | 'optional';
  /** The issuer, as far as it is known: until its document was read, the URL where that is. */
  readonly issuer: string;
  /** Seconds since the keys were last confirmed; absent where they are not fetched. */
  readonly keyAge?: number;
  /** Why the last fetch failed; absent if it did not. */
  readonly lastError?: string;
  /** Seconds until the next refresh in the background; absent if none is planned. */
  readonly nextRefresh?: number;
}

/** The result of a health check, as `@nestjs/terminus` wants it. */
export interface OidcHealthResult {
  readonly [key: string]: {
    readonly status: 'up' | 'down';
    readonly clients: Readonly<Record<string, OidcClientHealth>>;
  };
}

/**
 * Says how it stands with the keys of each client, for `@nestjs/terminus` or a health route of one's own. It asks no
 * provider: what it says was learned in the background.
 *
 * @example
 * ```ts
 * @Get('health')
 * check() {
 *   return this.health.check([() => this.oidc.isHealthy('oidc')]);
 * }
 * ```
 */
@Injectable()
export class OidcHealthIndicator {
  @Inject(OidcRuntime)
  private readonly runtime!: OidcRuntime;

  /**
   * The check for terminus. Down if the keys of any required client cannot be had.
   *
   * @param key the name of the check. Default: `oidc`.
   * @throws HealthCheckError of terminus, where that is installed and the check is down; without it, the result says so.
   */
  isHealthy(key: string = 'oidc'): OidcHealthResult {
    const clients = this.clients();
    const isDown = Object.values(clients).some(({ status, need }) => status === 'down' && need === 'required');
    const result: OidcHealthResult = { [key]: { status: isDown ? 'down' : 'up', clients } };
    if (isDown) {
      throwAsTerminusDoes(result);
    }
    return result;
  }

  /** How it stands with the keys of each client, by its name; of several tenants' keys, with those that are worst off. */
  clients(): Readonly<Record<string, OidcClientHealth>> {
    const { clients, issuers } = this.runtime.current;
    const now = this.runtime.clock.now();
    const healths = clients.clients.map((client): readonly [string, OidcClientHealth] => {
      const issuer = issuers.of(client.issuer);
      // Whose tokens are refused anyway needs no keys.
      const isNeeded = client.isRequired && !isRetired(client, now);
      const { isHealthy, keyAge, lastError, nextRefresh } = issuer.health;
      const health: OidcClientHealth = {
        status: isHealthy || !client.usesKeySet ? 'up' : 'down',
        need: isNeeded ? 'required' : 'optional',
        issuer: issuer.label,
        ...(keyAge === undefined ? {} : { keyAge }),
        ...(lastError === undefined ? {} : { lastError }),
        ...(nextRefresh === undefined ? {} : { nextRefresh }),
      };
      return [client.name, health];
    });
    return Object.fromEntries([...healths, ...healths.filter(([, { status }]) => status === 'down')]);
  }
}

/** Terminus before version 11 knows a failed check only by its own error. */
function throwAsTerminusDoes(result: OidcHealthResult): void {
  let terminus: { HealthCheckError?: new (message: string, causes: unknown) => Error };
  try {
    terminus = require('@nestjs/terminus') as typeof terminus;
  } catch {
    return;
  }
  if (terminus.HealthCheckError !== undefined) {
    throw new terminus.HealthCheckError('keys of a required OIDC client cannot be had', result);
  }
}
