/** How a client gets tokens, by the book, from whichever provider: its discovery document says where. */
import { createHash, randomBytes } from 'node:crypto';

export const REDIRECT_URI = 'http://127.0.0.1:3000/callback';

export async function discover(discoveryUrl) {
  return readJson(await fetch(discoveryUrl, { signal: AbortSignal.timeout(10_000) }), 'the discovery document');
}

/** The claims and the header of a token, as it says them of itself. */
export function decodeToken(token) {
  const [header, claims] = token.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  return { header, claims };
}

/** RFC 6749 section 4.4. */
export async function clientCredentials(metadata, { id, secret, scope }) {
  const parameters = { grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) };
  return (await askForTokens(metadata, { id, secret }, parameters)).access_token;
}

/**
 * RFC 6749 section 4.1 with PKCE (RFC 7636): a user logs in at the provider's own pages.
 * @param logIn what the user does, from the URL that a client sends the browser to: returns the page where that ends
 */
export async function authorizationCode(metadata, { id, secret, scope, parameters = {} }, logIn) {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const url = new URL(metadata.authorization_endpoint);
  const query = {
    response_type: 'code',
    client_id: id,
    redirect_uri: REDIRECT_URI,
    scope,
    state,
    nonce: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  };
  Object.entries(query).forEach(([name, value]) => url.searchParams.set(name, value));
  const page = await logIn(url.href);
  const answer = page.arrived === true ? new URL(page.url).searchParams : undefined;
  if (answer?.get('state') !== state || answer.get('code') === null) {
    throw new Error(`the login did not lead back with a code: ${answer?.get('error_description') ?? page.status}`);
  }
  return askForTokens(
    metadata,
    { id, secret },
    {
      grant_type: 'authorization_code',
      code: answer.get('code'),
      redirect_uri: REDIRECT_URI,
      code_verifier: verifier,
    },
  );
}

async function askForTokens(metadata, { id, secret }, parameters) {
  const isPublic = secret === undefined;
  const response = await fetch(metadata.token_endpoint, {
    method: 'POST',
    headers: isPublic ? {} : { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ ...parameters, ...(isPublic ? { client_id: id } : {}) }),
    signal: AbortSignal.timeout(30_000),
  });
  return readJson(response, 'the token endpoint');
}

async function readJson(response, what) {
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${what} answered ${response.status}: ${text.slice(0, 300)}`);
  }
  return JSON.parse(text);
}
