import type { OidcClientSource } from '../../configuration/client-source';
import type { OidcClientsChange } from '../../observation/clients-events';
import type { ClientDirectory } from './client-directory';
import { reasonOf, type DirectoryLog } from './directory-state';

/** How long a source may take, in milliseconds. */
const LOAD_TIMEOUT = 10_000;

/** The shortest and the longest time before a source that failed is asked again, in milliseconds. */
const RETRY = { shortest: 1000, longest: 60_000 } as const;

/**
 * Follows a source of clients: loads at start and when it says that it changed, and tries again while it fails.
 *
 * @internal
 */
export class SourceFollower {
  /** A reload whose turn has not come: it will see all that changed until then. */
  #waiting: Promise<OidcClientsChange> | undefined;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #stopWatching: (() => void) | undefined;
  #isClosed = false;

  /** @param source finds the source. It may inject what this follower is part of, so it is not looked for at once. */
  constructor(
    private readonly source: () => OidcClientSource,
    private readonly directory: ClientDirectory,
    private readonly log: DirectoryLog,
  ) {}

  /** Loads for the first time, and follows from then on. Never rejects. */
  async start(): Promise<void> {
    await this.#follow();
    if (this.#isClosed) {
      return;
    }
    try {
      const stop: unknown = this.source().watch?.(() => {
        void this.#follow();
      });
      this.#stopWatching = typeof stop === 'function' ? (): void => void Reflect.apply(stop, undefined, []) : undefined;
    } catch (error) {
      this.log.warn(`the source of clients cannot be watched: ${reasonOf(error)}; use OidcClients.reload()`);
    }
  }

  /**
   * Loads and exchanges. Calls that come before it is their turn share one.
   *
   * @throws whatever the source throws, or OidcConfigurationError.
   */
  reload(): Promise<OidcClientsChange> {
    this.#waiting ??= this.directory
      .exchange(() => {
        this.#waiting = undefined;
        return this.#load();
      })
      .then(
        (change) => {
          this.#settle();
          return change;
        },
        (error: unknown) => {
          this.#tryAgain();
          throw error;
        },
      );
    return this.#waiting;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    try {
      this.#stopWatching?.();
    } catch (error) {
      this.log.warn(`the source of clients cannot be stopped: ${reasonOf(error)}`);
    }
  }

  async #follow(): Promise<void> {
    try {
      await this.reload();
    } catch {
      // The directory has told it, and it is tried again.
    }
  }

  async #load(): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the source of clients did not answer within ${LOAD_TIMEOUT / 1000} s`)),
        LOAD_TIMEOUT,
      );
      timer.unref();
    });
    try {
      return await Promise.race([this.source().load(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #settle(): void {
    this.#failures = 0;
    clearTimeout(this.#retry);
  }

  #tryAgain(): void {
    clearTimeout(this.#retry);
    if (this.#isClosed) {
      return;
    }
    const delay = Math.min(RETRY.longest, RETRY.shortest * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    // Replicas that fail together must not try again together.
    this.#retry = setTimeout(() => void this.#follow(), delay * (0.75 + Math.random() / 2));
    this.#retry.unref();
  }
}
