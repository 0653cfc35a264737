import type { IncomingMessage } from 'node:http';
import type { OidcRequest } from '../core/token/oidc-request';

/** The longest body that is read where no parser has, in bytes. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * The body of a request. Reads it where no parser of the framework has, and leaves it for mcp-nest.
 *
 * @returns null for a body that is too long or no JSON: mcp-nest answers it with an error.
 */
export async function bodyOf(request: OidcRequest, raw: IncomingMessage): Promise<unknown> {
  const parsed: unknown = Reflect.get(request, 'body');
  if (parsed !== undefined) {
    return parsed;
  }
  const body = parse(await read(raw));
  Reflect.set(request, 'body', body);
  return body;
}

async function read(raw: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of raw as AsyncIterable<Buffer | string>) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    length += bytes.length;
    // The rest is read and dropped, so that the answer can be sent.
    if (length <= MAX_BODY_BYTES) {
      chunks.push(bytes);
    }
  }
  return length <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}

function parse(body: Buffer | undefined): unknown {
  try {
    return body === undefined ? null : (JSON.parse(body.toString('utf8')) as unknown);
  } catch {
    return null;
  }
}
