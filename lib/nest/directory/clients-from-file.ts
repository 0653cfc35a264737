import { watch, type FSWatcher } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { OidcClientOptions } from '../../configuration/client-options';
import type { OidcClientSource } from '../../configuration/client-source';
import { isJsonObject } from '../../core/token/json-object';

/** How long a file must be quiet before it is read, in milliseconds: it may be written in several parts. */
const QUIET = 100;

/** How often a file is looked at, in milliseconds: not every file system tells of changes. */
const PACE = 2000;

/**
 * Reads the clients from a JSON file, and again whenever the file is changed or another takes its place. The file is in the
 * format of `options.schema.json`, with `clients` alone: `{ "clients": [{ "name": "...", "audience": "...", "issuer": "..." }] }`.
 * What cannot be read, or is half written, changes nothing and is read again.
 *
 * @param path the path of the file, from the working directory.
 * @returns the source, for `clientSource`.
 * @example
 * ```ts
 * OidcMultiAuthModule.forRoot({ clientSource: clientsFromFile('config/clients.json'), globalGuards: true });
 * ```
 */
export function clientsFromFile(path: string): OidcClientSource {
  const file = resolve(path);
  return { load: () => read(file), watch: (changed) => follow(file, changed) };
}

async function read(file: string): Promise<readonly OidcClientOptions[]> {
  const text = await readFile(file, 'utf8');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The message of the parser repeats a part of the file, which may be a secret.
    throw new Error(`${file} is not JSON`);
  }
  const others = isJsonObject(content)
    ? Object.keys(content).filter((name) => name !== 'clients' && name !== '$schema')
    : [];
  if (!isJsonObject(content) || !Array.isArray(content['clients']) || others.length > 0) {
    throw new Error(
      `${file} is not { "clients": [...] }${others.length > 0 ? `: it has ${others.join(', ')}, which belongs into the options of the module` : ''}`,
    );
  }
  return content['clients'] as OidcClientOptions[];
}

/** The folder is watched, because another file may take the place of this one, as with a ConfigMap of Kubernetes. */
function follow(file: string, changed: () => void): () => void {
  let quiet: NodeJS.Timeout | undefined;
  let known = '';
  const look = async (): Promise<void> => {
    const now = await stat(file, { bigint: true }).then(
      ({ ino, mtimeNs, size }) => `${ino} ${mtimeNs} ${size}`,
      () => 'missing',
    );
    if (known !== '' && now !== known) {
      changed();
    }
    known = now;
  };
  const lookSoon = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(() => void look(), QUIET);
    quiet.unref();
  };
  void look();
  const timer = setInterval(() => void look(), PACE);
  timer.unref();
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(file), { persistent: false }, lookSoon);
    watcher.on('error', () => watcher?.close());
  } catch {
    // It is looked at all the same.
  }
  return () => {
    clearInterval(timer);
    clearTimeout(quiet);
    watcher?.close();
  };
}
