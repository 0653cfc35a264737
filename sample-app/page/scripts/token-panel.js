import * as demonstration from './demonstration.js';
import { byId, code, facts } from './element.js';
import { leaveForLogin, returnFromLogin } from './login.js';
import { readToken, shortened, useToken } from './token.js';

/** The part of the page where a token is taken. */
export async function startTokenPanel({ login, embeddedProvider }) {
  const [loginButton, hint] = [byId('log-in'), byId('token-hint')];
  hint.append(...hintOf(login, embeddedProvider));
  loginButton.hidden = login === undefined;
  loginButton.addEventListener('click', () => attempt(() => leaveForLogin(login)));
  const takers = {
    service: () => take('service account, client bcmi', demonstration.serviceToken),
    expired: () => take('a token that expired an hour ago', demonstration.expiredToken),
    none: () => show('No token', undefined),
  };
  for (const button of document.querySelectorAll('[data-take]')) {
    const name = button.dataset.take;
    button.hidden = name !== 'none' && embeddedProvider === undefined;
    button.addEventListener('click', () => attempt(takers[name]));
  }
  byId('paste-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const field = byId('pasted');
    show('pasted', field.value.trim());
    field.value = '';
  });
  if (login !== undefined) {
    await attempt(async () => {
      const token = await returnFromLogin(login);
      if (token !== undefined) {
        const { claims = {} } = readToken(token) ?? {};
        show(`logged in as ${claims.preferred_username ?? claims.sub}`, token);
        byId('token-status').focus();
      }
    });
  }
}

async function take(label, obtain) {
  show(label, await obtain());
}

/** Does it, or says why it cannot be done. */
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    show(`No token: ${error.message}`, undefined);
    byId('token-status').dataset.kind = 'bad';
  }
}

function show(label, token) {
  useToken(token);
  const status = byId('token-status');
  status.textContent = token === undefined ? label : label[0].toUpperCase() + label.slice(1);
  status.dataset.kind = token === undefined ? 'none' : 'good';
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
