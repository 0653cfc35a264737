import type { Message } from './strategy-hooks';

/** The member of the parameters that `Mcp-Name` repeats, by method (revision 2026-07-28). */
const NAMED_BY: Readonly<Record<string, 'name' | 'uri'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

const ENCODED = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;

/** Whether the headers `Mcp-Method` and `Mcp-Name` of a request say what its body says. */
export function agreesWithBody(headers: Readonly<Record<string, unknown>>, body: unknown): boolean {
  const method = headers['mcp-method'];
  const name = headers['mcp-name'];
  if (method === undefined && name === undefined) {
    return true;
  }
  // A header names one message. It cannot speak for a batch.
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return false;
  }
  const message = body as Message;
  if (method !== undefined && method !== message.method) {
    return false;
  }
  if (name === undefined) {
    return true;
  }
  const namedBy = typeof message.method === 'string' && Object.hasOwn(NAMED_BY, message.method) ? message.method : '';
  const member = NAMED_BY[namedBy];
  return member !== undefined && typeof name === 'string' && decoded(name) === message.params?.[member];
}

/** A value that no header can carry comes in Base64. */
function decoded(value: string): string {
  const [, encoded] = ENCODED.exec(value.trim()) ?? [];
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8');
}
