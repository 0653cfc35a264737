import { shortened } from './token.js';

/** Calls a route as any client would; what came back, as far as a browser can see it. */
export async function call(method, path, token) {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const response = await fetch(path, { method, headers, cache: 'no-store', credentials: 'omit' });
  return {
    status: response.status,
    statusText: response.statusText,
    headers: [...response.headers],
    challenge: response.headers.get('WWW-Authenticate') ?? undefined,
    body: await response.text(),
  };
}

/** The same request for a shell, with the token shortened. */
export function curlOf(method, path, token) {
  const verb = method === 'GET' ? '' : `-X ${method} `;
  const header = token === undefined ? '' : `-H "Authorization: Bearer ${shortened(token)}" `;
  return `curl -i ${verb}${header}${new URL(path, location.href).href}`;
}
