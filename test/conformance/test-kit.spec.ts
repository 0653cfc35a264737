import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

// Many requests, or processes of their own: slow where the machine is busy.
jest.setTimeout(60_000);

const ROOT = join(__dirname, '../..');

/** Runs a line in a process of its own, on the package as it is built, and says how that ended and what was loaded. */
async function run(line: string, nodeEnv: string): Promise<{ failed: boolean; output: string }> {
  if (!existsSync(join(ROOT, 'dist/index.js'))) {
    throw new Error('the library is not built: run "npm run build" first, or "npm test", which does');
  }
  const { NODE_OPTIONS: _options, ...env } = process.env;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', line], {
      cwd: ROOT,
      env: { ...env, NODE_ENV: nodeEnv },
    });
    return { failed: false, output: stdout };
  } catch (error) {
    return { failed: true, output: String((error as { stderr?: unknown }).stderr) };
  }
}

describe('LIB-26 the test kit', () => {
  it.each(['nestjs-oidc-multi-auth/testing', 'nestjs-oidc-multi-auth/testing/jest'])(
    '%s cannot be imported in production',
    async (name) => {
      expect(await run(`require('${name}')`, 'production')).toEqual({
        failed: true,
        output: expect.stringContaining('must not be imported when NODE_ENV is "production"'),
      });
    },
  );

  it('can be imported otherwise', async () => {
    const line = "console.log(typeof require('nestjs-oidc-multi-auth/testing').TestIssuer.start)";
    expect(await run(line, 'test')).toEqual({ failed: false, output: 'function\n' });
  });

  it('is no part of the library: that loads in production, and loads nothing of it', async () => {
    const line = `
      require('reflect-metadata');
      require('nestjs-oidc-multi-auth');
      const loaded = Object.keys(require.cache).map((path) => path.replaceAll('\\\\', '/'));
      console.log(loaded.filter((path) => path.includes('/dist/testing/')).length, loaded.some((path) => path.endsWith('/dist/index.js')));`;
    expect(await run(line, 'production')).toEqual({ failed: false, output: '0 true\n' });
  });
});
