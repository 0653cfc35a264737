import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { PASSWORD, USERS } from './realms';

/** Where users of a realm log in, below the realm; what follows names the login. */
export const LOGIN_PATH = '/interaction/';

/** The longest form that is read, in bytes. */
const MAX_FORM = 10_000;

/** Shows the page at which users log in, and takes what they send from it. */
export async function answerLogin(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const details = await provider.interactionDetails(request, response).catch(() => undefined);
  if (details === undefined) {
    show(response, 400, 'This login is over. Go back to where you came from, and begin anew.', false);
    return;
  }
  if (request.method !== 'POST') {
    show(response, 200, '', true);
    return;
  }
  const form = new URLSearchParams(await read(request));
  const user = USERS.find(({ username }) => username === form.get('username'));
  if (user === undefined || form.get('password') !== PASSWORD) {
    show(response, 401, 'Nobody has that name and password.', true);
    return;
  }
  await provider.interactionFinished(request, response, { login: { accountId: user.username } });
}

async function read(request: IncomingMessage): Promise<string> {
  let form = '';
  for await (const chunk of request) {
    form += String(chunk);
    if (form.length > MAX_FORM) {
      throw new Error('the form is too long');
    }
  }
  return form;
}

/** @param message text of this file, which needs no escaping. */
function show(response: ServerResponse, status: number, message: string, hasForm: boolean): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  }).end(`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Log in</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <main>
      <h1>Log in</h1>
      ${message === '' ? '' : `<p role="alert">${message}</p>`}
      ${hasForm ? FORM : ''}
    </main>
  </body>
</html>
`);
}

const FORM = `<form method="post">
        <label>User name <input name="username" autocomplete="username" required autofocus></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
        <button>Log in</button>
      </form>
      <p>${USERS.map(({ username, name }) => `<b>${username}</b> (${name})`).join(', ')}; the password is <b>${PASSWORD}</b>.</p>`;

const STYLE = `
      :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
      main { max-width: 22rem; margin: 15vh auto; padding: 0 1rem; }
      label, button { display: block; width: 100%; margin-bottom: 1rem; }
      input { width: 100%; box-sizing: border-box; }
      input, button { font: inherit; padding: 0.5rem; }
      [role="alert"] { border-left: 0.25rem solid; padding-left: 0.75rem; }
    `;
