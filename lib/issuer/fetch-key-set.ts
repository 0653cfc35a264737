import { KeySet } from '../core/key/key-set';
import { own, type JsonObject } from '../core/token/json-object';
import { FetchError, fetchJson, type FetchBounds } from './fetch-json';

/** The most members a key set may have. */
const MAX_KEYS = 100;

/** The part of jwks-rsa that is used. Its own types would want those of other packages from whoever uses this one. */
interface JwksRsa {
  JwksClient: new (options: {
    jwksUri: string;
    cache: false;
    rateLimit: false;
    fetcher: (uri: string) => Promise<unknown>;
  }) => { getKeys(): Promise<unknown> };
}

/**
 * Fetches a key set.
 *
 * @throws FetchError where the answer is not a set with at least one usable key.
 */
export async function fetchKeySet(
  jwksUri: string,
  bounds: FetchBounds,
): Promise<{ readonly keys: KeySet; readonly maxAge: number | undefined }> {
  const { members, maxAge } = await fetchMembers(jwksUri, bounds);
  const keys = KeySet.fromJwks(members);
  if (keys.size === 0) {
    throw new FetchError(`${jwksUri} answered with no key that may verify signatures`, 'no_usable_key');
  }
  return { keys, maxAge };
}

/**
 * Fetches the raw members of a key set by jwks-rsa, whose caching is off: when to fetch is decided by the issuer, and each
 * member is judged by itself.
 *
 * @throws FetchError where the answer is not a key set.
 */
export async function fetchMembers(
  jwksUri: string,
  bounds: FetchBounds,
): Promise<{ readonly members: readonly unknown[]; readonly maxAge: number | undefined }> {
  let maxAge: number | undefined;
  const fetcher = async (uri: string): Promise<JsonObject> => {
    // Some providers send their key sets as text or octets. What counts is that it is a key set.
    const fetched = await fetchJson(uri, { ...bounds, anyContentType: true });
    maxAge = fetched.maxAge;
    return fetched.document;
  };
  const jwksRsa = loadJwksRsa();
  const members: unknown =
    jwksRsa === undefined
      ? own(await fetcher(jwksUri), 'keys')
      : await new jwksRsa.JwksClient({ jwksUri, cache: false, rateLimit: false, fetcher }).getKeys();
  if (!Array.isArray(members)) {
    throw new FetchError(`${jwksUri} did not answer with a JWK set`, 'no_key_set');
  }
  if (members.length > MAX_KEYS) {
    throw new FetchError(`${jwksUri} answered with ${members.length} keys, more than ${MAX_KEYS}`, 'too_large');
  }
  return { members, maxAge };
}

let loaded: { readonly module: JwksRsa | undefined } | undefined;

/**
 * Loads jwks-rsa when a key set is first needed: version 4 needs a package that ships ES modules only.
 *
 * @returns undefined where that cannot be loaded, as under Jest without a transform. Then the fetched document is read without
 *   it, with the same bounds and checks.
 */
export function loadJwksRsa(): JwksRsa | undefined {
  if (loaded === undefined) {
    try {
      loaded = { module: require('jwks-rsa') as JwksRsa };
    } catch {
      loaded = { module: undefined };
    }
  }
  return loaded.module;
}
