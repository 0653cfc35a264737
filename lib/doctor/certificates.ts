import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Where Node.js' own fetch tells of each new connection. */
const CONNECTED = 'undici:client:connected';

/** The parts of what it tells that are used. */
interface Connected {
  readonly connectParams?: { readonly host?: unknown };
  readonly socket?: { readonly getPeerCertificate?: () => { readonly valid_to?: unknown } | undefined };
}

/**
 * Sees the certificates of the connections that fetches are made over, so that nothing has to be connected to for them.
 * What goes through a dispatcher of another kind is not seen.
 */
export class Certificates {
  readonly #expiries = new Map<string, Date>();

  readonly #onConnected = (message: unknown): void => {
    // A malformed message is one that says nothing.
    const { connectParams, socket } = message as Connected;
    const host = connectParams?.host;
    const expires = new Date(String(socket?.getPeerCertificate?.()?.valid_to));
    if (typeof host === 'string' && !Number.isNaN(expires.getTime())) {
      this.#expiries.set(host, expires);
    }
  };

  /** Sees certificates from now on. */
  watch(): void {
    subscribe(CONNECTED, this.#onConnected);
  }

  unwatch(): void {
    unsubscribe(CONNECTED, this.#onConnected);
  }

  /** When the first of the certificates behind some URLs expires; undefined where none was seen. */
  expiryOf(urls: readonly (string | undefined)[]): Date | undefined {
    const seen = urls
      .flatMap((url) => (url?.startsWith('https:') ? [this.#expiries.get(new URL(url).host)] : []))
      .filter((expires) => expires !== undefined);
    return seen.sort((one, other) => one.getTime() - other.getTime())[0];
  }
}
