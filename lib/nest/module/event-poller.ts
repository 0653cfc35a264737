import { setTimeout as sleep } from 'node:timers/promises';
import type { TransmitterSettings } from '../../core/revocation/revocation-settings';
import { isJsonObject, own, type JsonObject } from '../../core/token/json-object';
import type { Receipt } from '../../decision/receipt';

/** The most events of one answer. */
const MOST_EVENTS = 100;

/** The largest answer, in bytes. */
const MOST_BYTES = 4 * 1024 * 1024;

/** How long one request may wait for an event, in seconds. */
const LONGEST_POLL = 60;

/** The shortest and the longest time between requests, in milliseconds. */
const PAUSE = { shortest: 1000, longest: 60_000 } as const;

/** What the next request says of events that were received. */
interface Acknowledgement {
  readonly ack: readonly string[];
  readonly setErrs: Readonly<Record<string, { readonly err: string; readonly description: string }>>;
}

const NOTHING: Acknowledgement = { ack: [], setErrs: {} };

/**
 * Polls the security events of one transmitter (RFC 8936). An event is acknowledged once it is stored.
 *
 * @internal
 */
export class EventPoller {
  readonly #closing = new AbortController();
  #isStarted = false;

  constructor(
    private readonly transmitter: TransmitterSettings,
    private readonly receive: (text: string) => Promise<Receipt>,
    private readonly warn: (message: string) => void,
    private readonly fetching: { readonly dispatcher?: object },
  ) {}

  start(): void {
    if (!this.#isStarted) {
      this.#isStarted = true;
      void this.#run();
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let said = NOTHING;
    let pause: number = PAUSE.shortest;
    while (!signal.aborted) {
      try {
        // One request after the other: each acknowledges the events of the one before.
        // oxlint-disable-next-line no-await-in-loop
        const { sets, isMore } = await this.#poll(said);
        // oxlint-disable-next-line no-await-in-loop
        said = await this.#take(sets);
        pause = PAUSE.shortest;
        if (isMore || said.ack.length > 0) {
          continue;
        }
      } catch (error) {
        if (!signal.aborted) {
          const reason = error instanceof Error ? error.message : String(error);
          this.warn(`the events of ${this.transmitter.issuer} cannot be polled: ${reason}`);
          pause = Math.min(2 * pause, PAUSE.longest);
        }
      }
      // oxlint-disable-next-line no-await-in-loop
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #poll(said: Acknowledgement): Promise<{ readonly sets: JsonObject; readonly isMore: boolean }> {
    const { pollEndpoint = '', authorization } = this.transmitter;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(LONGEST_POLL * 1000)]);
    const init = {
      method: 'POST',
      redirect: 'error',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(authorization !== undefined && { authorization }),
      },
      body: JSON.stringify({ maxEvents: MOST_EVENTS, returnImmediately: false, ...said }),
      signal,
      ...(this.fetching.dispatcher !== undefined && { dispatcher: this.fetching.dispatcher }),
    };
    const response = await fetch(pollEndpoint, init as RequestInit);
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`it answered ${response.status}`);
    }
    const value: unknown = JSON.parse(await boundedText(response));
    const sets = isJsonObject(value) ? own(value, 'sets') : undefined;
    if (!isJsonObject(value) || !isJsonObject(sets)) {
      throw new Error('its answer has no sets (RFC 8936 section 2.3)');
    }
    return { sets, isMore: own(value, 'moreAvailable') === true };
  }

  async #take(sets: JsonObject): Promise<Acknowledgement> {
    const ack: string[] = [];
    const errors: [string, { err: string; description: string }][] = [];
    for (const [jti, text] of Object.entries(sets).slice(0, MOST_EVENTS)) {
      // In order.
      // oxlint-disable-next-line no-await-in-loop
      const { status, error = 'invalid_request', description = '' } = await this.receive(String(text));
      if (status === 202) {
        ack.push(jti);
      } else if (status !== 503) {
        errors.push([jti, { err: error, description }]);
      }
    }
    return { ack, setErrs: Object.fromEntries(errors) };
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) {
      throw new Error(`its answer has more than ${MOST_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
