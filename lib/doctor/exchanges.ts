import type { Clock } from '../core/clock';
import type { FetchObserver } from '../issuer/fetch-json';

/** What was seen of one request. */
export interface Exchange {
  /** Milliseconds until the whole answer was there, or the request had failed. */
  readonly milliseconds: number;
  readonly status: number | undefined;
  /** Where the answer points to. */
  readonly location: string | undefined;
  /** The content type of the answer. */
  readonly contentType: string | undefined;
  /** How far the other clock is ahead, in seconds; negative: behind. */
  readonly clockOffset: number | undefined;
}

/** Looks on while an issuer's documents are fetched. */
export class Exchanges implements FetchObserver {
  readonly #clock: Clock;
  readonly #sent = new Map<string, { readonly at: number; readonly time: number }>();
  readonly #byUrl = new Map<string, Exchange>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The last request to a URL. */
  of(url: string | undefined): Exchange | undefined {
    return url === undefined ? undefined : this.#byUrl.get(url);
  }

  get all(): readonly Exchange[] {
    return [...this.#byUrl.values()];
  }

  sent(url: string): void {
    this.#sent.set(url, { at: this.#clock.monotonic(), time: this.#clock.now() });
  }

  answered(url: string, status: number, headers: Headers): void {
    const now = this.#clock.now();
    // The answer was made somewhere between question and answer.
    const time = ((this.#sent.get(url)?.time ?? now) + now) / 2;
    this.#byUrl.set(url, {
      milliseconds: 0,
      status,
      location: targetOf(headers.get('location'), url),
      contentType: headers.get('content-type') ?? '',
      clockOffset: offsetOf(headers, time),
    });
  }

  ended(url: string): void {
    const at = this.#sent.get(url)?.at ?? this.#clock.monotonic();
    const milliseconds = Math.round((this.#clock.monotonic() - at) * 1000);
    const answered = this.#byUrl.get(url) ?? {
      status: undefined,
      location: undefined,
      contentType: undefined,
      clockOffset: undefined,
    };
    this.#byUrl.set(url, { ...answered, milliseconds });
  }
}

/** A redirect may be relative (RFC 9110 section 10.2.2). */
function targetOf(location: string | null, url: string): string | undefined {
  return location !== null && URL.canParse(location, url) ? new URL(location, url).href : undefined;
}

/** By the `Date` header (RFC 9110 section 6.6.1), plus `Age` where a cache answered (RFC 9111 section 5.1). */
function offsetOf(headers: Headers, time: number): number | undefined {
  const date = Date.parse(headers.get('date') ?? '') / 1000;
  const age = Number(headers.get('age') ?? 0);
  // A date is of whole seconds: on average half a second has passed since.
  return Number.isFinite(date) ? Math.round(date + 0.5 + (Number.isFinite(age) ? age : 0) - time) : undefined;
}
