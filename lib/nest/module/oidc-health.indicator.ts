import { Inject, Injectable } from '@nestjs/common';
import { isRetired } from '../../core/client/client';
import { ClientDirectory } from '../directory/client-directory';
import type { OidcDirectoryStatus } from '../directory/directory-state';
import { OidcRuntime } from '../runtime/oidc-runtime';

/** The state of one client's keys. */
export interface OidcClientHealth {
  /** `up` with keys, `down` without. */
  readonly status: 'up' | 'down';
  /** Whether the application is unhealthy without this client's keys. */
  readonly need: 'required' | 'optional';
  /** The issuer, or the URL of its document until that was read. */
  readonly issuer: string;
  /** Seconds since the keys were last confirmed; absent where they are not fetched. */
  readonly keyAge?: number;
  /** Why the last fetch failed; absent if it did not. */
  readonly lastError?: string;
  /** Seconds until the next refresh in the background; absent if none is planned. */
  readonly nextRefresh?: number;
  /** The introspection endpoint; absent where the issuer is not asked about tokens. */
  readonly introspection?: OidcIntrospectionHealth;
}

/** The state of an introspection endpoint. */
export interface OidcIntrospectionHealth {
  /**
   * `degraded` while the last request failed: tokens without a cached answer get 503. The check stays up, because restarting
   * the application would not help.
   */
  readonly status: 'up' | 'degraded';
  /** Why the last request failed; absent if it did not. */
  readonly lastError?: string;
}

/** The state of the store of revocations. */
export interface OidcRevocationHealth {
  /** `up` while it answers. */
  readonly status: 'up' | 'down';
  /** Since when it does not, as an ISO date; absent where it does. */
  readonly unavailableSince?: string;
  /** Whether tokens are refused for it (`whenUnavailable: 'refuse'`). The check is down then. */
  readonly isRefusing: boolean;
}

/** The result of a health check, in the form of `@nestjs/terminus`. */
export interface OidcHealthResult {
  readonly [key: string]: {
    readonly status: 'up' | 'down';
    readonly clients: Readonly<Record<string, OidcClientHealth>>;
    /** Absent where the clients have not changed and no source says who they are. */
    readonly directory?: OidcDirectoryStatus;
    /** Absent where revocations are not shared. */
    readonly revocation?: OidcRevocationHealth;
  };
}

/**
 * Reports the state of each client's keys, for `@nestjs/terminus` or a health route of your own. Makes no request: the
 * state is known from the background.
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

  @Inject(ClientDirectory)
  private readonly clientDirectory!: ClientDirectory;

  /**
   * The check for terminus. Down if the keys of any required client are unavailable, if nobody knows yet who the clients are, or if tokens are refused because the store
   * of revocations is.
   *
   * @param key the name of the check. Default: `oidc`.
   * @throws HealthCheckError of terminus if the check is down and terminus is installed. Without terminus the result says
   *   so.
   */
  isHealthy(key: string = 'oidc'): OidcHealthResult {
    const clients = this.clients();
    const revocation = this.revocation();
    const directory = this.directory();
    const isDown =
      directory?.status === 'down' ||
      revocation?.isRefusing === true ||
      Object.values(clients).some(({ status, need }) => status === 'down' && need === 'required');
    const result: OidcHealthResult = {
      [key]: {
        status: isDown ? 'down' : 'up',
        clients,
        ...(directory && { directory }),
        ...(revocation && { revocation }),
      },
    };
    if (isDown) {
      throwAsTerminusDoes(result);
    }
    return result;
  }

  /**
   * The state of the clients as a whole: `degraded` while others cannot be had, which is no reason to be down. Undefined where
   * they have not changed and no source says who they are.
   */
  directory(): OidcDirectoryStatus | undefined {
    const { status } = this.clientDirectory.state;
    const isStatic = !this.runtime.hasSource && status.generation === 1 && status.status === 'up';
    return isStatic ? undefined : status;
  }

  /** The state of the store of revocations; undefined where revocations are not shared. */
  revocation(): OidcRevocationHealth | undefined {
    const { revocations } = this.runtime;
    if (revocations?.isShared !== true) {
      return undefined;
    }
    const { lostAt, isRefusing } = revocations;
    return {
      status: lostAt === undefined ? 'up' : 'down',
      ...(lostAt !== undefined && { unavailableSince: new Date(lostAt * 1000).toISOString() }),
      isRefusing,
    };
  }

  /**
   * The state of each client's keys, by client name. A client with several tenants is healthy only if all its tenants are.
   */
  clients(): Readonly<Record<string, OidcClientHealth>> {
    const { clients, issuers, introspections } = this.runtime.current;
    const now = this.runtime.clock.now();
    const healths = clients.clients.map((client): readonly [string, OidcClientHealth] => {
      const issuer = issuers.of(client.issuer);
      // Retired clients need no keys.
      const isNeeded = client.isRequired && !isRetired(client, now);
      const { isHealthy, keyAge, lastError, nextRefresh } = issuer.health;
      const asked = introspections?.proverOfIssuer(client.issuer);
      const health: OidcClientHealth = {
        status: isHealthy || !client.usesKeySet ? 'up' : 'down',
        need: isNeeded ? 'required' : 'optional',
        issuer: issuer.label,
        ...(keyAge === undefined ? {} : { keyAge }),
        ...(lastError === undefined ? {} : { lastError }),
        ...(nextRefresh === undefined ? {} : { nextRefresh }),
        ...(asked && { introspection: introspectionHealth(asked.use.lastError) }),
      };
      return [client.name, health];
    });
    return Object.fromEntries([...healths, ...healths.filter(([, { status }]) => status === 'down')]);
  }
}

function introspectionHealth(lastError: string | undefined): OidcIntrospectionHealth {
  return lastError === undefined ? { status: 'up' } : { status: 'degraded', lastError };
}

/** Terminus before version 11 recognizes a failed check only by its own error. */
function throwAsTerminusDoes(result: OidcHealthResult): void {
  let terminus: { HealthCheckError?: new (message: string, causes: unknown) => Error };
  try {
    terminus = require('@nestjs/terminus') as typeof terminus;
  } catch {
    return;
  }
  if (terminus.HealthCheckError !== undefined) {
    throw new terminus.HealthCheckError(
      'keys of a required OIDC client, or the store of revocations, cannot be had',
      result,
    );
  }
}
