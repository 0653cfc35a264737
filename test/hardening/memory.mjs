// Takes a great many hostile decisions, and prints how much heap there was before and after, as JSON:
//
//   node test/hardening/memory.mjs [decisions, a million unless told otherwise]
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const require = createRequire(import.meta.url);
require('./support/typescript.cjs').loadTypeScript();
const { measureMemory } = require('./memory/hostile-decisions.ts');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

console.log(JSON.stringify(await measureMemory(Number(process.argv[2] ?? 1_000_000), collectGarbage)));
