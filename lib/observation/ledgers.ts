import { RefusalLog, type DecisionLog } from './refusal-log';
import { UsageLedger } from './usage';

/**
 * The counts of each client's decisions. They outlast a change of clients.
 *
 * @internal
 */
export class Ledgers {
  readonly usage: UsageLedger;
  readonly refusals: RefusalLog;

  /** @param isDebugging whether the level `debug` is logged. */
  constructor(clients: readonly string[], log: DecisionLog, isDebugging: () => boolean) {
    this.usage = new UsageLedger(clients);
    this.refusals = new RefusalLog(clients, log, isDebugging);
  }

  add(client: string): void {
    this.usage.add(client);
    this.refusals.patterns.add(client);
  }

  remove(client: string): void {
    this.usage.remove(client);
    this.refusals.patterns.remove(client);
  }
}
