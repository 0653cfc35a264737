import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, run } from './run.mjs';

/**
 * The newest Node.js of each major version, from the npm registry, which has its binaries.
 *
 * @returns {{ major: string, version: string, command: string }[]}
 */
export function installNodes(folder, majors) {
  return majors.map((major) => {
    const place = join(folder, `node-${major}`);
    mkdirSync(place);
    writeFileSync(join(place, 'package.json'), '{ "private": true }');
    const name = `node-${process.platform}-${process.arch}`;
    install(place, '--no-save', '--ignore-scripts', `${name}@${major}`);
    const command = join(place, 'node_modules', name, 'bin/node');
    return { major, version: run(place, [command, '--version']).trim().slice(1), command };
  });
}
