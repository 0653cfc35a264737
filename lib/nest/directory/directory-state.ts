import { OidcConfigurationError } from '../../configuration/configuration-error';
import { publishClients } from '../../observation/clients-events';
import type { OidcRuntime } from '../runtime/oidc-runtime';

/** The log of the directory: names of clients, options, and what the application's own source says. */
export interface DirectoryLog {
  log(message: string): void;
  warn(message: string): void;
}

/** The state of the clients of this process. */
export interface OidcDirectoryStatus {
  /** `up`; `degraded` while other clients cannot be had and those before go on; `down` while there are none at all. */
  readonly status: 'up' | 'degraded' | 'down';
  /** How many times the clients were changed, and 1; 0 while there are none yet. */
  readonly generation: number;
  /** How many clients there are. */
  readonly clients: number;
  /** Since when other clients cannot be had, as an ISO date; absent where the last change went well. */
  readonly failingSince?: string;
  /** Why; absent likewise. */
  readonly lastError?: string;
}

/** The most faults that one line names. */
const MOST_FAULTS = 5;

/** How often another reason is logged, in seconds. */
const PACE = 60;

/**
 * How the last exchange went. Logs once when exchanges begin to fail, and once when one goes well again.
 *
 * @internal
 */
export class DirectoryState {
  #failure: { readonly since: number; readonly reason: string } | undefined;
  #told = { reason: '', at: -Infinity };

  constructor(
    private readonly runtime: OidcRuntime,
    private readonly log: DirectoryLog,
  ) {}

  get status(): OidcDirectoryStatus {
    const { generation, clients } = this.runtime.current;
    const status = generation === 0 ? 'down' : this.#failure === undefined ? 'up' : 'degraded';
    return {
      status,
      generation,
      clients: clients.size,
      ...(this.#failure && {
        failingSince: new Date(this.#failure.since * 1000).toISOString(),
        lastError: this.#failure.reason,
      }),
    };
  }

  succeeded(): void {
    if (this.#failure !== undefined) {
      const seconds = Math.max(0, Math.round(this.runtime.clock.now() - this.#failure.since));
      this.#failure = undefined;
      this.#told = { reason: '', at: -Infinity };
      this.log.log(`the clients can be changed again, after ${seconds} s`);
    }
  }

  failed(error: unknown): void {
    const { clock, current } = this.runtime;
    const reason = reasonOf(error);
    this.#failure = { since: this.#failure?.since ?? clock.now(), reason };
    const now = clock.monotonic();
    if (reason !== this.#told.reason && now - this.#told.at >= PACE) {
      this.#told = { reason, at: now };
      const meanwhile =
        current.generation === 0 ? 'there are none yet, and tokens get 503 state_unavailable' : 'those before go on';
      this.log.warn(`the clients cannot be changed: ${reason}; ${meanwhile}`);
    }
    const { generation } = current;
    const time = clock.now() * 1000;
    publishClients({ time, type: 'failed', generation, added: [], removed: [], changed: [], reason });
  }
}

/** Why an exchange failed, in one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof OidcConfigurationError) {
    const { faults } = error;
    const named = faults.slice(0, MOST_FAULTS).map(({ client, field, problem, remedy }) => {
      return `${client === undefined ? '' : `client ${client}: `}${field}: ${problem}; ${remedy}`;
    });
    const more = faults.length > MOST_FAULTS ? ` (and ${faults.length - MOST_FAULTS} more faults)` : '';
    return oneLine(`${named.join(' | ')}${more}`);
  }
  return oneLine(error instanceof Error ? error.message : 'what was thrown is no Error');
}

/** The longest reason, in characters. */
const LONGEST = 1000;

function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const line = text.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
