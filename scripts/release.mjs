/**
 * Makes a release, and unless told otherwise only shows what it would be.
 *
 * npm run release               checks, packs, and prints what is in the tarball and its hash
 * npm run release -- --publish  and publishes it, with provenance: in a CI that can prove what it is, by OIDC
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { publish: { type: 'boolean', default: false } } });
const manifest = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'));
const { name, version } = manifest;

stopIfAny([...faultsOfTree(), ...faultsOfChangelog(), ...(values.publish ? faultsOfPublishing() : [])]);
run('.ci/run');
// The checks write pages and build: whatever they changed would not be what was checked.
stopIfAny(faultsOfTree());
run('npm', 'run', 'build', '--silent');

const [tarball] = JSON.parse(run('npm', 'pack', '--json', '--ignore-scripts', '--silent'));
for (const { path, size } of tarball.files) {
  console.log(`${String(size).padStart(9)}  ${path}`);
}
const sha512 = createHash('sha512').update(readFileSync(`${ROOT}/${tarball.filename}`));
console.log(
  `${tarball.filename}: ${tarball.entryCount} files, ${tarball.size} bytes packed, ${tarball.unpackedSize} unpacked`,
);
console.log(`sha512: ${sha512.copy().digest('hex')}`);
console.log(`integrity: sha512-${sha512.digest('base64')}`);

if (values.publish) {
  run('npm', 'publish', tarball.filename, '--provenance', '--access', 'public', '--ignore-scripts');
  console.log(`${name}@${version} is published`);
} else {
  console.log('nothing was published: that is done in CI, by npm run release -- --publish');
}

/** What is released is what is committed. */
function faultsOfTree() {
  const changes = run('git', 'status', '--porcelain').split('\n').filter(Boolean);
  return changes.length === 0
    ? []
    : [`the working tree is not clean:${changes.map((line) => `\n    ${line}`).join('')}`];
}

function faultsOfChangelog() {
  const path = `${ROOT}/CHANGELOG.md`;
  const changelog = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const heading = changelog.split('\n').find((line) => line === `## ${version}` || line.startsWith(`## ${version} `));
  if (heading === undefined) {
    return [`CHANGELOG.md has no entry "## ${version}"`];
  }
  return /unreleased/i.test(heading) ? [`CHANGELOG.md says that ${version} is unreleased: write its date`] : [];
}

/** Provenance says which workflow of which repository built a package. Only a CI can have that vouched for. */
function faultsOfPublishing() {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: github, SIGSTORE_ID_TOKEN: gitlab } = process.env;
  return [
    ...(github || gitlab
      ? []
      : ['publishing needs a CI with OIDC: an id token for the workflow, which provenance is made of']),
    ...(manifest.repository ? [] : ['package.json has no repository, which provenance is held against']),
  ];
}

function stopIfAny(faults) {
  if (faults.length > 0) {
    console.error(`${name}@${version} cannot be released:`);
    for (const fault of faults) {
      console.error(`  - ${fault}`);
    }
    process.exit(1);
  }
}

/** Runs a command and gives what it printed; the first that fails ends the release. */
function run(command, ...args) {
  const isQuiet = command === 'git' || args.includes('--json');
  const { status, stdout, error } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', isQuiet ? 'pipe' : 'inherit', 'inherit'],
  });
  if (status !== 0) {
    console.error(`${[command, ...args].join(' ')} failed${error ? `: ${error.message}` : ''}; nothing was published`);
    process.exit(1);
  }
  return stdout ?? '';
}
