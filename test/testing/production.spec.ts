import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** Loads the sources as they are, each when it is required, and says which were. */
const LOAD = `
  const { transformFileSync } = require('@swc/core');
  const { relative } = require('node:path');
  const loaded = [];
  require.extensions['.ts'] = (module, file) => {
    loaded.push(relative('lib/testing', file));
    module._compile(transformFileSync(file).code, file);
  };
  try {
    console.log(JSON.stringify({ names: Object.keys(require('./lib/testing/index.ts')), loaded }));
  } catch (error) {
    console.log(JSON.stringify({ message: error.message, loaded }));
  }
`;

/** What becomes of importing the package's part for tests, in a process of its own. */
function importIn(environment: string | undefined): { names?: string[]; message?: string; loaded: string[] } {
  const { NODE_ENV: _own, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', LOAD], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...env, ...(environment === undefined ? {} : { NODE_ENV: environment }) },
  });
  return stdout === '' ? { message: stderr, loaded: [] } : JSON.parse(stdout);
}

describe('nestjs-oidc-multi-auth/testing', () => {
  it('refuses to be imported in production, before anything else of it is loaded', () => {
    expect(importIn('production')).toEqual({
      message: 'nestjs-oidc-multi-auth/testing must not be imported when NODE_ENV is "production"',
      loaded: ['index.ts', 'refuse-production.ts'],
    });
  });

  it.each([undefined, '', 'test', 'development'])('is there otherwise: %s', (environment) => {
    const { names } = importIn(environment);
    expect(names?.sort()).toEqual([
      'TestIssuer',
      'TestProofKey',
      'replayStoreTests',
      'revocationStoreCases',
      'testPrincipal',
      'toHaveAccess',
      'withTestIssuer',
      'withUser',
    ]);
  });
});
