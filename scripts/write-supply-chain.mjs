/**
 * Writes docs/supply-chain.md: what an application gets with this package, from package-lock.json and node_modules.
 *
 * node scripts/write-supply-chain.mjs                 writes the page
 * node scripts/write-supply-chain.mjs --check [page]  exits with 1 if the page is stale
 * node scripts/write-supply-chain.mjs --json          prints the packages
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';

const ROOT = new URL('..', import.meta.url);
const PAGE = fileURLToPath(new URL('docs/supply-chain.md', ROOT));
const read = (path) => JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'));

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean' }, json: { type: 'boolean' } },
  allowPositionals: true,
});
const packages = runtimePackages();
if (values.json) {
  console.log(JSON.stringify(packages, undefined, 2));
} else if (values.check) {
  const [path = PAGE] = positionals;
  if (readFileSync(path, 'utf8') !== (await page())) {
    console.error(`${path} is stale: write it by npm run docs:supply-chain, and look at what changed`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(PAGE, await page());
}

/**
 * Every package that is installed with this one: its dependencies, theirs, and so on, by the lock file. Development's own
 * are not among them, nor are peers, which an application brings itself.
 */
function runtimePackages() {
  const lock = read('package-lock.json').packages;
  const found = new Map();
  const waiting = [['', lock['']]];
  for (const [path, { dependencies = {}, optionalDependencies = {} }] of waiting) {
    for (const [name, range] of Object.entries({ ...dependencies, ...optionalDependencies })) {
      const place = placeOf(lock, path, name);
      const by = path === '' ? 'this package' : nameOf(path);
      const known = found.get(place);
      if (known !== undefined) {
        known.askedBy[by] = range;
        continue;
      }
      const { version, hasInstallScript = false, integrity } = lock[place];
      const installed = read(`${place}/package.json`);
      if (installed.version !== version) {
        throw new Error(`${place} is not what package-lock.json says: run npm ci`);
      }
      const license = licenceOf(installed);
      found.set(place, { name, version, license, hasInstallScript, integrity, askedBy: { [by]: range } });
      waiting.push([place, lock[place]]);
    }
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Where a package finds another: below itself, else below each package that it is in (the resolution of Node.js). */
function placeOf(lock, path, name) {
  for (const folder of [path, ...enclosing(path), '']) {
    const place = path === '' || folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lock[place] !== undefined) {
      return place;
    }
  }
  throw new Error(`package-lock.json has no ${name} for ${path || 'this package'}`);
}

function enclosing(path) {
  const at = path.lastIndexOf('/node_modules/');
  return at === -1 ? [] : [path.slice(0, at), ...enclosing(path.slice(0, at))];
}

/** An SPDX expression; older packages have a list of licences, of which one may choose. */
function licenceOf({ license, licenses = [] }) {
  return license ?? licenses.map(({ type }) => type).join(' OR ');
}

function nameOf(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

async function page() {
  const { dependencies, peerDependencies, peerDependenciesMeta = {} } = read('package.json');
  const direct = Object.keys(dependencies).length;
  const licences = [...new Set(packages.map(({ license }) => license))]
    .map((licence) => `${licence} (${packages.filter(({ license }) => license === licence).length})`)
    .sort();
  const scripted = packages.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
  const text = [
    '# Supply chain',
    '',
    'What an application gets with this package. The page is written by `npm run docs:supply-chain` from the lock file and',
    'what is installed, and a test fails where it differs.',
    '',
    `${packages.length} packages, of which ${direct} are asked for by this package itself and the others by those. Licences:`,
    `${licences.join(', ')}. Packages that run a script when they are installed: ${scripted.join(', ') || 'none'}.`,
    '',
    '| package | asked for | by | tested with | licence |',
    '| --- | --- | --- | --- | --- |',
    ...packages.map(({ name, askedBy, version, license }) => {
      const ranges = [...new Set(Object.values(askedBy))].map((range) => `\`${range.replaceAll('|', '\\|')}\``);
      return `| \`${name}\` | ${ranges.join(', ')} | ${Object.keys(askedBy).join(', ')} | ${version} | ${license} |`;
    }),
    '',
    'An application resolves the ranges itself: its own lock file says what it runs.',
    '',
    '## Peers',
    '',
    'An application brings these itself:',
    '',
    '| package | range | |',
    '| --- | --- | --- |',
    ...Object.entries(peerDependencies).map(
      ([name, range]) =>
        `| \`${name}\` | \`${range.replaceAll('|', '\\|')}\` | ${peerDependenciesMeta[name]?.optional ? 'optional' : ''} |`,
    ),
    '',
    '## How it is kept small and known',
    '',
    '- Tokens are verified by this package itself over `node:crypto`. Of `jsonwebtoken` nothing is called, though `passport-jwt`',
    '  brings it; `jwks-rsa` fetches, and is loaded when the first key set is needed.',
    '- Tests fail at a package whose licence is not MIT, ISC, BSD, Apache-2.0, 0BSD or Blue Oak, at one that runs a script when',
    '  it is installed, at one without an integrity hash, and where the tarball holds a file that is not expected.',
    '- The lock file names no registry, and `npm ci` checks every package against its hash there.',
    '- `npm run check:audit` fails at a known vulnerability in what an application gets.',
    '- A release is made by `npm run release`: from a clean tree, after all checks, with the hash of what is published, and with',
    '  provenance, from CI only. `npm audit signatures` shows an application that what it installed comes from there.',
    '',
  ].join('\n');
  const options = await prettier.resolveConfig(PAGE);
  return prettier.format(text, { ...options, filepath: PAGE });
}
