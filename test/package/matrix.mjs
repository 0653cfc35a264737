/**
 * Installs the packed tarball into applications of each Nest, and starts and calls them on each Node.js: as CommonJS and as
 * an ES module, on Express and on Fastify, and as the Nest CLI makes them and sets this package up in them.
 *
 * node test/package/matrix.mjs                       the newest Nest on the newest Node.js
 * node test/package/matrix.mjs --all                 every pair
 * node test/package/matrix.mjs --nest 11 --node 20   these
 * node test/package/matrix.mjs --all --write         every pair, and writes the table into docs/compatibility.md
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import testing from '../../dist/testing/index.js';
import { makeGeneratedApplication, tryGeneratedApplication } from './matrix/generated-application.mjs';
import { installNodes } from './matrix/node-versions.mjs';
import {
  FORMATS,
  makeSmallApplication,
  tryApplication,
  tryCommandLine,
  tryOpenApi,
} from './matrix/small-application.mjs';
import { tableOf, writeTable } from './matrix/table.mjs';
import { pack } from './matrix/tarball.mjs';

const NESTS = ['10', '11', '12'];
const NODES = ['20', '22', '24'];
/** The versions of `@nestjs/swagger` that go with a Nest. */
const SWAGGERS = { 10: ['7', '8'], 11: ['11'], 12: ['12'] };
const ADAPTERS = { Express: 'express', Fastify: 'fastify' };

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    nest: { type: 'string', multiple: true },
    node: { type: 'string', multiple: true },
    write: { type: 'boolean', default: false },
  },
});
const nests = values.nest ?? (values.all ? NESTS : NESTS.slice(-1));
const majors = values.node ?? (values.all ? NODES : NODES.slice(-1));

const folder = mkdtempSync(join(tmpdir(), 'matrix-'));
const issuer = await testing.TestIssuer.start();
const failures = [];
try {
  const tarball = pack(fileURLToPath(new URL('../..', import.meta.url)), folder);
  const nodes = installNodes(folder, majors);
  const rows = [];
  const documents = [];
  for (const nest of nests) {
    const small = makeSmallApplication(folder, tarball, nest);
    const generated = makeGeneratedApplication(folder, tarball, nest, issuer.issuer);
    for (const node of nodes) {
      const cells = {};
      for (const format of Object.keys(FORMATS)) {
        for (const [adapter, name] of Object.entries(ADAPTERS)) {
          cells[`${format}, ${adapter}`] = await resultOf(() => tryApplication(small, node, format, name));
        }
      }
      cells['command line'] = await resultOf(() => tryCommandLine(small, node));
      cells['`nest new`, `nest add`'] = await resultOf(() => tryGeneratedApplication(generated, node, issuer));
      rows.push({ Nest: small.version, 'Node.js': node.version, ...cells });
    }
    for (const swagger of SWAGGERS[nest]) {
      const said = await resultOf(() => tryOpenApi(small, swagger, nodes));
      documents.push({
        Nest: small.version,
        '`@nestjs/swagger`': swagger,
        'Node.js': majors.join(', '),
        document: said,
      });
    }
  }
  const table = `${tableOf(rows)}\n${tableOf(documents)}`;
  console.log(`\n${table}`);
  if (values.write) {
    await writeTable(table);
  }
} finally {
  await issuer.stop();
  rmSync(folder, { recursive: true, force: true });
}
for (const failure of failures) {
  console.error(`\n${failure}`);
}
process.exitCode = failures.length > 0 ? 1 : 0;

/** What a cell of the table says. */
async function resultOf(attempt) {
  try {
    await attempt();
    return 'works';
  } catch (error) {
    failures.push(error.message);
    return 'FAILS';
  }
}
