/** Keycloak from Maven Central: downloaded, unpacked and built once, into a cache outside the repository. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasCommand } from '../support/server-process.mjs';

export const KEYCLOAK_VERSION = process.env.KEYCLOAK_VERSION ?? '26.4.7';

/** Where Keycloak is kept: `$XDG_CACHE_HOME/nestjs-oidc-multi-auth`, or below `~/.cache`. */
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'nestjs-oidc-multi-auth');

/** What is needed and not installed, of the commands that Keycloak is fetched and started with. */
export function missingCommands() {
  const home = join(CACHE, `keycloak-${KEYCLOAK_VERSION}`);
  const needed = existsSync(home) ? ['java'] : ['java', 'mvn', 'unzip'];
  return needed.filter((name) => !hasCommand(name));
}

/** The folder of a Keycloak that is ready to be started. The first time takes half a minute. */
export async function keycloakHome() {
  const home = join(CACHE, `keycloak-${KEYCLOAK_VERSION}`);
  if (existsSync(home)) {
    return home;
  }
  mkdirSync(CACHE, { recursive: true });
  // Whole or not at all, whoever else is doing the same.
  const folder = mkdtempSync(join(CACHE, 'unpacking-'));
  const run = (command, ...args) => promisify(execFile)(command, args, { cwd: folder });
  try {
    const artifact = `org.keycloak:keycloak-quarkus-dist:${KEYCLOAK_VERSION}:zip`;
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
    await run('mvn', '-q', '-B', goal, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`);
    await run('unzip', '-q', `keycloak-quarkus-dist-${KEYCLOAK_VERSION}.zip`);
    const unpacked = join(folder, `keycloak-${KEYCLOAK_VERSION}`);
    await run(join(unpacked, 'bin/kc.sh'), 'build', '--db=dev-file', '--http-relative-path=/auth');
    if (!existsSync(home)) {
      renameSync(unpacked, home);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return home;
}
