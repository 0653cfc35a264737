// Measures what refusals cost, and prints it as JSON: node test/hardening/cost.mjs
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('./support/typescript.cjs').loadTypeScript();
const { measureCosts } = require('./cost/costs.ts');

console.log(JSON.stringify(await measureCosts()));
