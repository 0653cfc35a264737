import * as demonstration from './demonstration.js';
import { byId, code, facts } from './element.js';
import { leaveForLogin, returnFromLogin } from './login.js';
import { readToken, shortened, useToken } from './token.js';

/** The part of the page where a token is taken. */
export async function startTokenPanel({ login, embeddedProvider }) {
  const [loginButton, hint] = [byId('log-in'), byId('token-hint')];
  hint.append(...hintOf(login, embeddedProvider));
  loginButton.hidden = login === undefined;
  loginButton.addEventListener('click', () => void attempt(() => leaveForLogin(login)));
  const takers = {
    service: async () => show('Service account, client bcmi', await demonstration.serviceToken(), 'good'),
    expired: async () => show('A token that expired an hour ago', await demonstration.expiredToken()),
    none: () => show('No token'),
  };
  for (const button of document.querySelectorAll('[data-take]')) {
    const name = button.dataset.take;
    button.hidden = name !== 'none' && embeddedProvider === undefined;
    button.addEventListener('click', () => void attempt(takers[name]));
  }
  byId('paste-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const field = byId('pasted');
    show('Pasted', field.value.trim());
    field.value = '';
  });
  if (login !== undefined) {
    await attempt(async () => {
      const token = await returnFromLogin(login);
      if (token !== undefined) {
        const { claims = {} } = readToken(token) ?? {};
        show(`Logged in as ${claims.preferred_username ?? claims.sub}`, token, 'good');
        byId('token-status').focus();
      }
    });
  }
}

/** Does it, or says why it cannot be done. */
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    show(`No token: ${error.message}`, undefined, 'bad');
  }
}

/** @param kind `good` for what is fresh from the provider, `bad` for a failure. Default: `none`. */
function show(label, token, kind = 'none') {
  useToken(token);
  const status = byId('token-status');
  status.textContent = label;
  status.dataset.kind = kind;
  byId('token-says').hidden = token === undefined;
  byId('token-facts').replaceChildren(...(token === undefined ? [] : factsOf(token).children));
}

function factsOf(token) {
  const { header, claims } = readToken(token) ?? {};
  if (claims === undefined) {
    return facts([['Token', 'cannot be read as a JWT']]);
  }
  const list = (value) => (Array.isArray(value) ? value.join(', ') : value === undefined ? undefined : String(value));
  return facts([
    ['Token', code(shortened(token))],
    ['iss', list(claims.iss)],
    ['aud', list(claims.aud)],
    ['azp', list(claims.azp)],
    ['sub', list(claims.sub)],
    ['exp', timeOf(claims.exp)],
    ['kid', list(header.kid)],
  ]);
}

function timeOf(seconds) {
  return typeof seconds === 'number' ? new Date(seconds * 1000).toLocaleTimeString() : undefined;
}

function hintOf(login, embeddedProvider) {
  if (embeddedProvider !== undefined) {
    const names = embeddedProvider.users.flatMap(({ username, name }, index) => [
      index === 0 ? '' : ', ',
      code(username),
      ` (${name})`,
    ]);
    return ['Users: ', ...names, '; the password is ', code(embeddedProvider.password), '.'];
  }
  return [
    login === undefined
      ? 'The configuration names no client core-web with a discovery document, so nobody can log in here. '
      : 'Log in with a name and a password of the provider. ',
    'The provider is not the sample’s own, so this page has no token of a service account, no expired one, and cannot ' +
      'rotate keys: paste a token that you got elsewhere.',
  ];
}
