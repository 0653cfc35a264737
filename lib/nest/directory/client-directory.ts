import { setTimeout as sleep } from 'node:timers/promises';
import { isRetired, type IssuerConfiguration } from '../../core/client/client';
import type { Steps } from '../../core/steps';
import { publishClients, type OidcClientsChange } from '../../observation/clients-events';
import type { StrategyRegistry } from '../../passport/strategy-registry';
import type { OidcRuntime } from '../runtime/oidc-runtime';
import type { Snapshot } from '../runtime/snapshot';
import { byName, compareClients, copyClients, type Difference, type GivenClients } from './compare-clients';
import { DirectoryState, type DirectoryLog } from './directory-state';
import { takeInSlices } from './slices';

/**
 * Exchanges the clients of a running application: one exchange at a time, each whole or not at all.
 *
 * @internal
 */
export class ClientDirectory {
  readonly state: DirectoryState;
  readonly #closing = new AbortController();
  /** Issuers that are given up, and not closed yet because requests may still wait for their keys. */
  readonly #retiring = new Map<NodeJS.Timeout, () => void>();
  /** Ends the wait for keys. */
  #waiting: AbortController | undefined;
  #registry: StrategyRegistry | undefined;
  /** Absent before the first exchange: a configuration that never changes is not kept twice. */
  #given: GivenClients | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly runtime: OidcRuntime,
    private readonly log: DirectoryLog,
  ) {
    this.state = new DirectoryState(runtime, log);
  }

  /** From now on, strategies are registered as clients come and go. */
  keepRegistered(registry: StrategyRegistry): void {
    this.#registry = registry;
  }

  /**
   * Exchanges the clients, after all exchanges that were asked for before.
   *
   * @param load gets the other clients, when it is their turn.
   * @returns what changed, once it is in force.
   * @throws OidcConfigurationError with every fault at once, or whatever `load` rejects with. Then nothing is changed.
   */
  exchange(load: () => unknown): Promise<OidcClientsChange> {
    const turn = this.#last.then(async () => {
      try {
        const change = await this.#exchange(await load());
        this.state.succeeded();
        return change;
      } catch (error) {
        if (!this.#closing.signal.aborted) {
          this.state.failed(error);
        }
        throw error;
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  close(): void {
    this.#closing.abort(new Error('the application shuts down'));
    this.#waiting?.abort();
    for (const [timer, close] of this.#retiring) {
      clearTimeout(timer);
      close();
    }
    this.#retiring.clear();
  }

  async #exchange(clients: unknown): Promise<OidcClientsChange> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const { runtime } = this;
    const previous = runtime.current;
    const copies = await this.#take(copyClients(clients));
    const configuration = await this.#take(runtime.configureInSteps(copies));
    const given = await this.#take(byName(copies));
    const difference = await this.#take(compareClients(await this.#before(), given));
    const { added, removed, changed } = difference;
    if (added.length + removed.length + changed.length === 0) {
      return { generation: previous.generation, ...difference };
    }
    const succession = { previous, changed: new Set([...added, ...changed]) };
    const next = await this.#take(runtime.succeedInSteps(configuration, succession));
    try {
      await this.#fetchKeys(next);
      signal.throwIfAborted();
      await this.#take(this.#announce(added, next));
    } catch (error) {
      next.issuers.close(previous.issuers);
      next.introspections?.close();
      throw error;
    }
    // Nothing waits from here on until the exchange is done.
    runtime.use(next);
    this.#given = given;
    this.#retire(previous, next);
    await this.#take(this.#forget(removed));
    this.#tell(difference, previous, next);
    return { generation: next.generation, ...difference };
  }

  #take<Result>(steps: Steps<Result>): Promise<Result> {
    return takeInSlices(steps, this.#closing.signal);
  }

  async #before(): Promise<GivenClients> {
    this.#given ??= await this.#take(byName(await this.#take(copyClients(this.runtime.firstClients))));
    return this.#given;
  }

  /** Fetches the keys of new issuers, and what was not fetched before, for as long as one issuer may take at most. */
  async #fetchKeys(next: Snapshot): Promise<void> {
    const untried = await this.#take(untriedOf(next, this.runtime.clock.now()));
    if (untried.size === 0) {
      return;
    }
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    const bound = sleep(next.configuration.fetchTimeout * 1000, undefined, { ref: false, signal });
    // What is not there in time goes on in the background.
    await Promise.race([next.issuers.warmUp(untried), bound.catch(() => undefined)]);
    this.#waiting.abort();
  }

  /** Makes room for clients that come. Their tokens are still refused. */
  *#announce(added: readonly string[], { strategies, ledgers }: Snapshot): Steps<void> {
    for (const name of added) {
      ledgers.add(name);
      const strategy = strategies.get(name);
      if (strategy !== undefined) {
        this.#registry?.register([[name, strategy]]);
      }
      yield;
    }
  }

  *#forget(removed: readonly string[]): Steps<void> {
    for (const name of removed) {
      this.#registry?.unregister([name]);
      this.runtime.current.ledgers.remove(name);
      yield;
    }
  }

  /** Closes issuers that are given up, once no request can wait for their keys any more. */
  #retire({ issuers, introspections }: Snapshot, next: Snapshot): void {
    const close = (): void => {
      issuers.close(next.issuers);
      introspections?.close();
    };
    const timer = setTimeout(() => {
      this.#retiring.delete(timer);
      close();
    }, next.configuration.fetchTimeout * 2000);
    timer.unref();
    this.#retiring.set(timer, close);
  }

  #tell(difference: Difference, previous: Snapshot, { generation, configuration }: Snapshot): void {
    const { added, removed, changed } = difference;
    this.log.log(
      `clients changed: ${added.length} added, ${removed.length} removed, ${changed.length} changed; ` +
        `generation ${generation}`,
    );
    const known = new Set(previous.configuration.warnings);
    const news = configuration.warnings.filter((warning) => !known.has(warning));
    for (const warning of news.slice(0, MOST_WARNINGS)) {
      this.log.warn(warning);
    }
    if (news.length > MOST_WARNINGS) {
      this.log.warn(`and ${news.length - MOST_WARNINGS} more warnings about clients`);
    }
    publishClients({ time: this.runtime.clock.now() * 1000, type: 'changed', generation, ...difference });
  }
}

/** The most warnings that one exchange logs. */
const MOST_WARNINGS = 10;

/** The issuers whose keys were never asked for, of clients that are not retired. */
function* untriedOf({ issuers, clients }: Snapshot, now: number): Steps<Set<IssuerConfiguration>> {
  const untried = new Set<IssuerConfiguration>();
  for (const client of clients.clients) {
    if (!isRetired(client, now) && issuers.of(client.issuer).isUntried) {
      untried.add(client.issuer);
    }
    yield;
  }
  return untried;
}
