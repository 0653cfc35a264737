/**
 * Logs a user in at the provider: authorization code (RFC 6749 section 4.1) with PKCE (RFC 7636). What must survive the way
 * there and back is in `sessionStorage` until then, and good for one login.
 */
const STORED = 'login';

/** Where the provider sends the browser back to. */
const redirectUri = () => new URL('/', location.href).href;

/** Leaves for the provider's login page. */
export async function leaveForLogin({ clientId, discoveryUrl }) {
  const { authorization_endpoint: endpoint } = await discover(discoveryUrl);
  const state = randomText();
  const verifier = randomText();
  const url = new URL(endpoint);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri(),
    scope: 'openid',
    state,
    code_challenge: await sha256(verifier),
    code_challenge_method: 'S256',
    // Whoever logged in before is asked again, so that one can become somebody else.
    prompt: 'login',
  };
  Object.entries(parameters).forEach(([name, value]) => url.searchParams.set(name, value));
  sessionStorage.setItem(STORED, JSON.stringify({ state, verifier }));
  location.assign(url);
}

/** Where the browser has just come back from a login: the access token. Undefined where it has not. */
export async function returnFromLogin({ clientId, discoveryUrl }) {
  const answer = new URLSearchParams(location.search);
  const begun = JSON.parse(sessionStorage.getItem(STORED) ?? 'null');
  sessionStorage.removeItem(STORED);
  if (!answer.has('state')) {
    return undefined;
  }
  // The code is good for once, and no business of the history.
  history.replaceState(null, '', location.pathname);
  if (begun === null || answer.get('state') !== begun.state) {
    throw new Error('this login was not begun on this page: try again');
  }
  if (!answer.has('code')) {
    throw new Error(answer.get('error_description') ?? answer.get('error') ?? 'there is no code');
  }
  const { issuer, token_endpoint: endpoint } = await discover(discoveryUrl);
  // RFC 9207: the answer is from the provider that was asked.
  if (answer.has('iss') && answer.get('iss') !== issuer) {
    throw new Error('another provider answered');
  }
  const parameters = {
    grant_type: 'authorization_code',
    code: answer.get('code'),
    redirect_uri: redirectUri(),
    client_id: clientId,
    code_verifier: begun.verifier,
  };
  const response = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(parameters) });
  const tokens = await response.json();
  if (!response.ok) {
    throw new Error(tokens.error_description ?? tokens.error ?? `status ${response.status}`);
  }
  return tokens.access_token;
}

async function discover(discoveryUrl) {
  const response = await fetch(discoveryUrl).catch(() => undefined);
  if (response?.ok !== true) {
    throw new Error('the provider does not answer');
  }
  return response.json();
}

const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

const sha256 = async (text) =>
  base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
