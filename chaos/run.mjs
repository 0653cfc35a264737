/**
 * Fault injection: what happens to good tokens when a provider fails. Prints a table of this library beside others, and
 * exits 0 exactly if this library keeps its promises, whatever the others do.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..');
const npm = (folder, ...args) => execFileSync('npm', [...args, '--loglevel=error'], { cwd: folder, stdio: 'inherit' });

if (process.argv[2] === 'child') {
  await (await import('./table.mjs')).main(JSON.parse(process.env.CHAOS_CERTIFICATE));
} else {
  if (!existsSync(join(here, 'node_modules'))) {
    npm(here, 'ci');
  }
  npm(root, 'run', 'build', '--silent');
  const { default: selfsigned } = await import('selfsigned');
  const certificate = selfsigned.generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keySize: 2048,
    algorithm: 'sha256',
    days: 2,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  // A certificate authority of one's own, by the means that Node has for it.
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const authority = join(folder, 'ca.pem');
  writeFileSync(authority, certificate.cert);
  const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'child'], {
    stdio: 'inherit',
    timeout: 540_000,
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: authority,
      NODE_NO_WARNINGS: '1',
      CHAOS_CERTIFICATE: JSON.stringify({ key: certificate.private, cert: certificate.cert }),
    },
  });
  rmSync(folder, { recursive: true, force: true });
  process.exit(status ?? 1);
}
