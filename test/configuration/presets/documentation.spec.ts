import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';
import type { OidcClientOptions, PresetName } from '../../../lib';
import { resolveConfiguration } from '../../../lib/configuration/resolve-configuration';
import { PRESETS } from '../../../lib/configuration/presets/presets';

const PAGE = readFileSync(join(__dirname, '../../../docs/providers.md'), 'utf8');

/** The clients that the page says to write, as its TypeScript makes them. */
function clientsOf(code: string): OidcClientOptions[] {
  const exported: { client?: OidcClientOptions; clients?: OidcClientOptions[] } = {};
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  runInNewContext(outputText, { exports: exported });
  // Objects of another realm are objects of this one once they are copied.
  return [exported.client ?? [], exported.clients ?? []].flat().map((client) => ({ ...client }));
}

describe('the page about providers', () => {
  const clients = [...PAGE.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].flatMap(([, code = '']) => clientsOf(code));
  const names = Object.keys(PRESETS) as PresetName[];

  it.each(names)('%s: says what to write, without fault, and what that supplies', (preset) => {
    const own = clients.filter((client) => client.preset === preset);
    expect(own).not.toEqual([]);
    expect(() => resolveConfiguration({ clients: own })).not.toThrow();
    const row = PAGE.split('\n').find((line) => line.startsWith(`| [\`${preset}\`]`)) ?? '';
    const { settings } = PRESETS[preset];
    const named = [
      settings.audienceClaim ?? 'aud',
      ...Object.keys(settings.accessTokenClaims ?? {}),
      ...[settings.roles ?? []].flat().map((path) => (typeof path === 'string' ? path : String(path))),
      ...[settings.scopes ?? []].flat().map(String),
    ];
    for (const name of named) {
      expect(row).toContain(`\`${name.replace('.roles', '')}`);
    }
  });
});
