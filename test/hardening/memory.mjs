// Takes a great many decisions, no token like another, and prints how much heap there was before and after, as JSON:
//
//   node test/hardening/memory.mjs [decisions, a million unless told otherwise] [hostile, the default, or good]
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const require = createRequire(import.meta.url);
require('./support/typescript.cjs').loadTypeScript();
const { measureMemory } = require('./memory/hostile-decisions.ts');
const { measureCache } = require('./memory/good-decisions.ts');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const measure = process.argv[3] === 'good' ? measureCache : measureMemory;
console.log(JSON.stringify(await measure(Number(process.argv[2] ?? 1_000_000), collectGarbage)));
