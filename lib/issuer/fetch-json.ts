import { types } from 'node:util';
import type { FetchHeaders } from '../core/client/client';
import { urlProblem } from '../core/url';
import { isJsonObject, type JsonObject } from '../core/token/json-object';
import { guardDispatcher } from './guard-dispatcher';

/** The largest answer read from an issuer, in bytes. */
export const MAX_RESPONSE_BYTES: number = 512 * 1024;

/** Content types of JSON documents: plain JSON, and media types built on it such as application/jwk-set+json. */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json *(?:;|$)/i;

const ANY_TYPE = /^/;

/** Whether a content type is one of JSON documents. */
export function isJsonType(type: string): boolean {
  return JSON_TYPE.test(type);
}

/** What bounds a fetch. */
export interface FetchBounds {
  /** Ends the fetch when its time is up, headers and body. Fetches that share a deadline share the time. */
  readonly deadline: { readonly milliseconds: number; readonly signal: AbortSignal };
  readonly allowInsecureHttp: boolean;
  /** Ends the fetch when the application shuts down. */
  readonly signal: AbortSignal;
  /** An undici dispatcher, such as a proxy agent; absent for Node's own. */
  readonly dispatcher?: unknown;
  /** Headers to send beside its own, or a function that gives them. */
  readonly headers?: FetchHeaders | undefined;
  /** Whether a document of any content type is read, if it is JSON. Default: false. */
  readonly anyContentType?: boolean;
  /** Is told of each request as it goes; absent where nobody looks. */
  readonly observer?: FetchObserver;
}

/** Learns what the documents do not say: how long an answer takes, and its headers, also where it is no good. */
export interface FetchObserver {
  sent(url: string): void;
  /** Status and headers are there, the body is not yet. */
  answered(url: string, status: number, headers: Headers): void;
  /** The body has been read, or the request has failed. */
  ended(url: string): void;
}

/** The kinds of failure to get an issuer's keys. */
export type FetchFailure =
  | 'not_allowed'
  | 'connection'
  | 'timeout'
  | 'redirect'
  | 'not_there'
  | 'denied'
  | 'headers'
  | 'status'
  | 'content_type'
  | 'too_large'
  | 'not_json'
  | 'wrong_issuer'
  | 'no_jwks_uri'
  | 'no_key_set'
  | 'no_usable_key'
  | 'no_place';

/** A document, and how long its answer says it is fresh. */
export interface FetchedDocument {
  readonly document: JsonObject;
  /** Seconds, from `Cache-Control: max-age`; undefined without, and where the answer is not to be cached. */
  readonly maxAge: number | undefined;
}

/** Why an issuer's document could not be had. The message is made of configured values and the issuer's own answer. */
export class FetchError extends Error {
  override readonly name: string = 'FetchError';

  constructor(
    message: string,
    readonly failure: FetchFailure,
    /** The system's own word for a failed connection, where there is one. */
    readonly systemCode?: string,
  ) {
    super(message);
  }
}

/** There is no such document at that URL, or none without credentials (`denied`): it may be at another URL. */
export class NotThereError extends FetchError {
  override readonly name: string = 'NotThereError';

  constructor(message: string, failure: 'not_there' | 'denied' = 'not_there') {
    super(message, failure);
  }
}

/**
 * Fetches a JSON object: bounded in time and size, without following redirects, over https unless http is allowed.
 *
 * @throws FetchError saying what went wrong.
 */
export async function fetchJson(url: string, bounds: FetchBounds): Promise<FetchedDocument> {
  const problem = urlProblem(url, bounds.allowInsecureHttp);
  if (problem !== undefined) {
    throw new FetchError(`${url} ${problem}`, 'not_allowed');
  }
  bounds.observer?.sent(url);
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: await headersFor(url, bounds),
      signal: AbortSignal.any([bounds.deadline.signal, bounds.signal]),
      ...(bounds.dispatcher === undefined ? {} : { dispatcher: guardDispatcher(bounds.dispatcher) }),
    } as RequestInit);
    bounds.observer?.answered(url, response.status, response.headers);
    try {
      const document = parseAnswer(
        url,
        await readAnswer(url, response, bounds.anyContentType === true ? ANY_TYPE : JSON_TYPE),
      );
      return { document, maxAge: maxAgeOf(response.headers.get('cache-control') ?? '') };
    } finally {
      // What is not read must not hold the connection.
      if (!response.bodyUsed) {
        await response.body?.cancel();
      }
    }
  } catch (error) {
    if (error instanceof FetchError) {
      throw error;
    }
    if (bounds.deadline.signal.aborted) {
      throw new FetchError(`${url} did not answer within ${bounds.deadline.milliseconds} ms`, 'timeout');
    }
    throw new FetchError(`${url} failed: ${reasonOf(error)}`, 'connection', systemCodeOf(error));
  } finally {
    bounds.observer?.ended(url);
  }
}

/**
 * The headers of a request. What the application gives are credentials: no message repeats them, nor what its function
 * threw.
 */
async function headersFor(url: string, { headers, deadline }: FetchBounds): Promise<Headers> {
  const sent = new Headers({ accept: 'application/json, application/jwk-set+json' });
  if (headers === undefined) {
    return sent;
  }
  try {
    const given = typeof headers === 'function' ? await within(deadline.signal, headers()) : headers;
    for (const [name, value] of Object.entries(given)) {
      sent.set(name, value);
    }
    return sent;
  } catch (error) {
    if (deadline.signal.aborted) {
      throw error;
    }
    const code = types.isNativeError(error) && 'code' in error ? error.code : undefined;
    const reason = typeof code === 'string' ? `: ${code}` : '';
    throw new FetchError(`the headers for ${url} cannot be had: fetchHeaders failed${reason}`, 'headers');
  }
}

/** What a function of the application gives, now or later, unless time is up before. */
function within<Given>(signal: AbortSignal, given: Given | PromiseLike<Given>): Promise<Given> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('time is up')), { once: true });
    Promise.resolve(given).then(resolve, reject);
  });
}

/**
 * Reads an answer, within bounds.
 *
 * @param accepted the content types.
 */
export async function readAnswer(url: string, response: Response, accepted: RegExp = JSON_TYPE): Promise<Buffer> {
  if (response.status !== 200) {
    const redirected = response.status >= 300 && response.status < 400;
    const message = `${url} answered ${response.status}${redirected ? ', and redirects are not followed' : ''}`;
    // Some say otherwise than by 404 that they have no such document; "later" is not among that.
    const isNotThere = response.status >= 400 && response.status < 500 && ![408, 425, 429].includes(response.status);
    if (isNotThere) {
      const isDenied = response.status === 401 || response.status === 403;
      throw isDenied
        ? new NotThereError(`${message}: it wants credentials or permission`, 'denied')
        : new NotThereError(message);
    }
    throw new FetchError(message, redirected ? 'redirect' : 'status');
  }
  const type = response.headers.get('content-type') ?? '';
  if (!accepted.test(type)) {
    throw new FetchError(
      `${url} answered with content type ${JSON.stringify(type.slice(0, 100))}, not JSON`,
      'content_type',
    );
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_RESPONSE_BYTES) {
      throw new FetchError(`${url} answered with more than ${MAX_RESPONSE_BYTES} bytes`, 'too_large');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseAnswer(url: string, octets: Buffer): JsonObject {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets));
  } catch {
    throw new FetchError(`${url} did not answer with JSON`, 'not_json');
  }
  if (!isJsonObject(document)) {
    throw new FetchError(`${url} did not answer with a JSON object`, 'not_json');
  }
  return document;
}

/** RFC 9111 section 5.2.2.1; with `no-cache` or `no-store` the age says nothing. */
function maxAgeOf(cacheControl: string): number | undefined {
  const directives = cacheControl
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  const maxAge = directives.map((directive) => /^max-age="?(\d{1,9})"?$/.exec(directive)?.[1]).find((age) => age);
  const isCacheable = !directives.some((directive) => /^no-(?:cache|store)/.test(directive));
  return maxAge === undefined || !isCacheable ? undefined : Number(maxAge);
}

/** The system's own word for a failed connection (`ECONNREFUSED`), where there is one. */
function systemCodeOf(error: unknown): string | undefined {
  const cause: unknown = types.isNativeError(error) ? error.cause : undefined;
  return types.isNativeError(cause) && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

export function reasonOf(error: unknown): string {
  if (!types.isNativeError(error)) {
    return 'unknown error';
  }
  const otherwise = error.name === 'AbortError' ? 'the application is shutting down' : error.message;
  return systemCodeOf(error) ?? otherwise;
}
