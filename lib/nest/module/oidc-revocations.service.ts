import { Inject, Injectable } from '@nestjs/common';
import type { RevocationRequest, Revocations } from '../../decision/revocations';
import { OidcRuntime } from '../runtime/oidc-runtime';

/** The state of revocation in this process. It names nobody. */
export interface OidcRevocationStatus {
  /** How many revocations are remembered. */
  readonly entries: number;
  /** When the last one was added here; absent if none was. */
  readonly lastRevocation?: Date;
  /** How many wait until the store has them. */
  readonly pending: number;
  /** Whether the store answers; absent without one. */
  readonly store?: 'up' | 'down';
  /** Since when it does not; absent where it does. */
  readonly unavailableSince?: Date;
  /** What was last received of each transmitter of security events, by its issuer; absent without any. */
  readonly transmitters?: Readonly<Record<string, OidcTransmitterStatus>>;
}

/** What was received of a transmitter of security events. */
export interface OidcTransmitterStatus {
  /** When its last event was received. */
  readonly lastEvent?: Date;
  /** When its last verification event was received (OpenID SSF 1.0 section 7.1.4). */
  readonly lastVerification?: Date;
  /** The last status that it told of its stream, such as `paused`. */
  readonly stream?: string;
}

/**
 * Revokes access tokens before they expire. A revocation takes effect in this process at once, and each method resolves when the
 * store has it. Needs the option `revocation`.
 *
 * @example
 * ```ts
 * @Injectable()
 * export class AccountService {
 *   constructor(private readonly revocations: OidcRevocations) {}
 *
 *   block(subject: string): Promise<void> {
 *     return this.revocations.revokeSubject({ issuer: 'https://sso.example/realms/mines', subject });
 *   }
 * }
 * ```
 */
@Injectable()
export class OidcRevocations {
  @Inject(OidcRuntime)
  private readonly runtime!: OidcRuntime;

  /**
   * Revokes one token, by its `jti`.
   *
   * @throws TypeError (as a rejection) if an argument is not a text, or `revocation` is not configured.
   */
  async revokeToken({ issuer, jti }: { readonly issuer: string; readonly jti: string }): Promise<void> {
    await this.revoke({ kind: 'token', issuer: text(issuer, 'issuer'), value: text(jti, 'jti') });
  }

  /**
   * Revokes all tokens of a session, by their `sid`.
   *
   * @throws TypeError (as a rejection) if an argument is not a text, or `revocation` is not configured.
   */
  async revokeSession({ issuer, sid }: { readonly issuer: string; readonly sid: string }): Promise<void> {
    await this.revoke({ kind: 'session', issuer: text(issuer, 'issuer'), value: text(sid, 'sid') });
  }

  /**
   * Revokes the tokens of a subject that were issued before a time. A token without `iat` is revoked too.
   *
   * @param revocation `issuedBefore` is a date, or seconds since the epoch. Default: now.
   * @throws TypeError (as a rejection) if an argument is not what it must be, or `revocation` is not configured.
   */
  async revokeSubject({
    issuer,
    subject,
    issuedBefore,
  }: {
    readonly issuer: string;
    readonly subject: string;
    readonly issuedBefore?: Date | number;
  }): Promise<void> {
    await this.revoke({
      kind: 'subject',
      issuer: text(issuer, 'issuer'),
      value: text(subject, 'subject'),
      issuedBefore: this.secondsOf(issuedBefore),
    });
  }

  /**
   * Revokes the tokens of a configured client that were issued before a time. A token without `iat` is revoked too.
   *
   * @param revocation `client` is the name of the client. `issuedBefore` is a date, or seconds since the epoch. Default: now.
   * @throws TypeError (as a rejection) if there is no such client, an argument is not what it must be, or `revocation` is not configured.
   */
  async revokeClient({
    client,
    issuedBefore,
  }: {
    readonly client: string;
    readonly issuedBefore?: Date | number;
  }): Promise<void> {
    if (this.runtime.current.clients.client(text(client, 'client')) === undefined) {
      throw new TypeError(`there is no client ${JSON.stringify(client)}: give the name of a configured client`);
    }
    await this.revoke({ kind: 'client', issuer: '', value: client, issuedBefore: this.secondsOf(issuedBefore) });
  }

  /**
   * The state of revocation in this process. Makes no request.
   *
   * @throws TypeError if `revocation` is not configured.
   */
  status(): OidcRevocationStatus {
    const revocations = this.revocations();
    const { index, lastAt, pending, isShared, lostAt, received } = revocations;
    return {
      entries: index.size,
      ...(lastAt !== undefined && { lastRevocation: dateOf(lastAt) }),
      pending,
      ...(isShared && { store: lostAt === undefined ? ('up' as const) : ('down' as const) }),
      ...(lostAt !== undefined && { unavailableSince: dateOf(lostAt) }),
      ...(received.size > 0 && {
        transmitters: Object.fromEntries(
          [...received].map(([issuer, { eventAt, verifiedAt, stream }]) => [
            issuer,
            {
              ...(eventAt !== undefined && { lastEvent: dateOf(eventAt) }),
              ...(verifiedAt !== undefined && { lastVerification: dateOf(verifiedAt) }),
              ...(stream !== undefined && { stream }),
            },
          ]),
        ),
      }),
    };
  }

  private async revoke(request: Omit<RevocationRequest, 'origin'>): Promise<void> {
    await this.revocations().revoke([{ ...request, origin: 'application' }]);
  }

  private revocations(): Revocations {
    const { revocations } = this.runtime;
    if (revocations === undefined) {
      throw new TypeError('tokens cannot be revoked: give the module the option revocation, such as revocation: {}');
    }
    return revocations;
  }

  private secondsOf(time: Date | number | undefined): number {
    const seconds = time instanceof Date ? time.getTime() / 1000 : (time ?? this.runtime.clock.now());
    if (!Number.isFinite(seconds)) {
      throw new TypeError('issuedBefore is no time: give a Date, or seconds since the epoch');
    }
    return seconds;
  }
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') {
    throw new TypeError(`${name} is not a text: give the exact value of the claim`);
  }
  return value;
}

function dateOf(seconds: number): Date {
  return new Date(seconds * 1000);
}
