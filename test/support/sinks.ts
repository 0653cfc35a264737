import { OidcAuthService, DECISION_CHANNEL } from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

/** So many characters of a token in a row are found. */
const RUN = 16;

/**
 * Everything that tests see come out of the library (answers and their headers, the log, events, metrics, errors), and
 * every token they made: no part of a token may be in what came out.
 */
export class Sinks {
  readonly #tokens = new Set<string>();
  readonly #texts = new Set<string>();

  made(token: string): void {
    this.#tokens.add(token);
  }

  cameOut(text: string): void {
    this.#texts.add(text);
  }

  get counts(): { readonly tokens: number; readonly characters: number } {
    return { tokens: this.#tokens.size, characters: [...this.#texts].reduce((sum, text) => sum + text.length, 0) };
  }

  /** Runs of characters of payload or signature of a token that came out. */
  leaks(): string[] {
    const runs = new Set<string>();
    for (const token of this.#tokens) {
      for (const part of token.split('.').slice(1)) {
        for (let start = 0; start + RUN <= part.length; start += 1) {
          runs.add(part.slice(start, start + RUN));
        }
      }
    }
    const found: string[] = [];
    for (const text of this.#texts) {
      for (const [candidate] of text.matchAll(/[\w-]{16,}/g)) {
        for (let start = 0; start + RUN <= candidate.length; start += 1) {
          if (runs.has(candidate.slice(start, start + RUN))) {
            found.push(`${candidate.slice(start, start + RUN)} in ${text.slice(0, 200)}`);
            break;
          }
        }
      }
    }
    return found;
  }
}

/** The sinks of one test file. */
export const sinks: Sinks = new Sinks();

/** Lets every token that a test issuer makes, every event, and every error of the service pass by the sinks. */
export function watch(): void {
  const made = (token: unknown): void => sinks.made(String(token));
  observe(TestIssuer.prototype, 'sign', made);
  observe(TestIssuer.prototype, 'tokenFor', made);
  observe(OidcAuthService.prototype, 'verify', undefined, (error) =>
    sinks.cameOut(`${error instanceof Error ? error.stack : ''} ${JSON.stringify(error)}`),
  );
  // Times make no two events alike, and say nothing of tokens.
  subscribe(DECISION_CHANNEL, (event) => sinks.cameOut(JSON.stringify({ ...(event as object), time: 0, duration: 0 })));
}

/** Tells what an asynchronous method gives, and what it rejects with. */
function observe(
  prototype: object,
  name: string,
  onResult?: (result: unknown) => void,
  onError?: (error: unknown) => void,
): void {
  const method: unknown = Reflect.get(prototype, name);
  if (typeof method !== 'function') {
    throw new TypeError(`there is no method ${name}`);
  }
  Reflect.set(prototype, name, async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    try {
      const result: unknown = await Reflect.apply(method, this, args);
      onResult?.(result);
      return result;
    } catch (error) {
      onError?.(error);
      throw error;
    }
  });
}

/** Leaves the counts of a test file where the summary of the run finds them. */
export function report(): void {
  const file = process.env['SINKS_FILE'];
  if (file !== undefined) {
    appendFileSync(file, `${JSON.stringify(sinks.counts)}\n`);
  }
}
