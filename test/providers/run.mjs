/**
 * Interoperability: this library, as the sample uses it, with real providers. Each is started on loopback, tokens are
 * obtained from it as its clients would, and the sample is called with them. Prints a table, provider by scenario.
 *
 *   --only <provider>    only this one; may be said several times
 *   --require-all        a provider that is not installed is a failure (as always where CI=1 is in the environment)
 *   --write              writes the table into docs/interoperability.md, which must say the same where all were tried
 *
 * Exits with 0 if everything held, with 1 if something did not, and with 2 if a provider is not installed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { glewlwyd } from './glewlwyd/glewlwyd.mjs';
import { keycloak } from './keycloak/keycloak.mjs';
import { lemonldap } from './lemonldap/lemonldap.mjs';
import { oidcProvider } from './oidc-provider/oidc-provider.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { SampleApplication } from './support/sample-application.mjs';
import { areWritten, formatResults, writeResults } from './results.mjs';

const PROVIDERS = { keycloak, 'oidc-provider': oidcProvider, glewlwyd, 'lemonldap-ng': lemonldap };

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(PROVIDERS) },
    'require-all': { type: 'boolean', default: Boolean(process.env.CI) && process.env.CI !== 'false' },
    write: { type: 'boolean', default: false },
  },
});

/**
 * Every scenario with one provider.
 * @returns {Promise<import('./results.mjs').Result>}
 */
async function tryProvider(provider, folder) {
  /** @type {import('./results.mjs').Result} */
  const result = { name: provider.name, version: '', cells: {}, particulars: [], faults: [] };
  const missing = provider.missing();
  if (missing.length > 0) {
    return { ...result, missing };
  }
  const began = performance.now();
  const run = { folder };
  try {
    run.provider = await provider.start(folder);
    result.version = run.provider.version;
    run.environment = run.provider.environment;
    run.application = await SampleApplication.start(run.environment, folder);
    for (const [scenario, attempt] of Object.entries(SCENARIOS)) {
      try {
        result.cells[scenario] = await attempt(run);
      } catch (error) {
        result.cells[scenario] = '**failed**';
        result.faults.push(`${scenario}: ${error.message}`);
      }
    }
    result.particulars = await run.provider.particulars(run.application);
    for (const [what, holds] of result.particulars) {
      if (!holds) {
        result.faults.push(`not so: ${what}`);
      }
    }
  } catch (error) {
    result.faults.push(String(error.stack));
  } finally {
    await Promise.allSettled([run.application?.stop(), run.second?.stop(), run.provider?.stop()]);
  }
  console.error(`${provider.name}: ${Math.round((performance.now() - began) / 1000)} s`);
  return result;
}

const unknown = values.only.filter((name) => !Object.hasOwn(PROVIDERS, name));
if (unknown.length > 0) {
  console.error(`no provider ${unknown.join(', ')}: there are ${Object.keys(PROVIDERS).join(', ')}`);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'providers-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(name, () => process.exit(1));
}
console.error(`Trying ${values.only.map((name) => PROVIDERS[name].name).join(', ')}: some minutes.`);
const results = await Promise.all(
  values.only.map((name) => tryProvider(PROVIDERS[name], mkdtempSync(join(folder, `${name}-`)))),
);
const tables = await formatResults(results, Object.keys(SCENARIOS));
console.log(tables);

const faults = results.flatMap(({ name, faults: found }) => found.map((fault) => `${name}: ${fault}`));
const missing = results.filter((result) => result.missing !== undefined);
missing.forEach(({ name, missing: what }) => {
  console.error(`\n${name} is not installed: ${what.join(', ')} missing. See test/providers/install.sh.`);
});
if (faults.length > 0) {
  console.error(`\nNot as it should be:\n${faults.join('\n')}`);
}
if (faults.length > 0 || missing.length > 0) {
  process.exit(faults.length > 0 || values['require-all'] ? 1 : 2);
}
if (values.write) {
  writeResults(tables);
} else if (values.only.length === Object.keys(PROVIDERS).length && !areWritten(tables)) {
  console.error(
    '\nEverything holds, but docs/interoperability.md says something else: npm run test:providers -- --write',
  );
  process.exit(1);
}
console.log('\nEverything holds.');
