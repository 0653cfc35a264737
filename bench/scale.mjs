/** Sets up so many clients in a process that has done nothing else, and tells what that took. */
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const { OidcRuntime } = createRequire(import.meta.url)('../dist/nest/runtime/oidc-runtime.js');
const SILENT = { log() {}, warn() {}, error() {}, debug() {} };
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const { clients, issuers, origin } = JSON.parse(process.env.BENCH_SCALE);
const options = Array.from({ length: clients }, (_, index) => ({
  name: `client-${index}`,
  audience: `audience-${index}`,
  issuer: `${origin}/realms/${index % issuers}`,
  preset: 'gold-sso',
}));

const heap = () => {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

const create = (some) => new OidcRuntime({ clients: some }, SILENT);

// What is there once, however many clients there are.
create(options.slice(0, 1));
const before = heap();
const began = process.cpuUsage();
const runtime = create(options);
const { user, system } = process.cpuUsage(began);
const bytes = heap() - before;
await runtime.current.issuers.warmUp();
runtime.current.issuers.close();
process.send({ milliseconds: (user + system) / 1000, bytes: bytes / clients });
process.disconnect();
