/** The numbers of a run as Markdown. */
import { cpus } from 'node:os';
import { goalsOf } from './goals.mjs';

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const ratio = ({ median, low, high }) => `${digits(median)} (${digits(low)}-${digits(high)})`;
const digits = (number) => number.toFixed(number < 1 ? 3 : number < 10 ? 2 : number < 100 ? 1 : 0);

function goals(results) {
  const verdict = ({ isMet, reason }) =>
    isMet === undefined ? '-' : isMet ? 'met' : `missed${reason === '' ? '' : `: ${reason}`}`;
  return table(
    ['goal', '', 'measured', ''],
    goalsOf(results).map((one) => [one.what, one.goal, one.found, verdict(one)]),
  );
}

function tokens({ accepted }) {
  const algorithms = Object.keys(accepted);
  const names = [...new Set(algorithms.flatMap((algorithm) => Object.keys(accepted[algorithm])))];
  const cell = (found) => (found === undefined ? '-' : ratio(found.ratio));
  return table(
    ['token', ...algorithms],
    names.map((name) =>
      name === 'raw'
        ? [
            '`crypto.verify` alone',
            ...algorithms.map((one) => `1 = ${digits(accepted[one].raw.microseconds.median)} us`),
          ]
        : [name, ...algorithms.map((one) => cell(accepted[one][name]))],
    ),
  );
}

function refusals({ refused }) {
  const rows = Object.entries(refused).filter(([name]) => name !== 'raw');
  return table(
    ['refused', 'RS256'],
    rows.map(([name, found]) => [name, ratio(found.ratio)]),
  );
}

function application({ valid, invalid, missing }) {
  return table(
    [
      'guard',
      'clients',
      'processor time, against no guard',
      'us',
      'requests a second',
      'p99, ms',
      'invalid token, us',
      'no token, us',
    ],
    valid.map(({ guard, clients, cpu, throughput, p99, ratio: found }, index) => [
      guard,
      clients.toLocaleString('en'),
      ratio(found),
      digits(cpu.median),
      Math.round(throughput.median).toLocaleString('en'),
      digits(p99.median),
      digits(invalid[index].cpu.median),
      digits(missing[index].cpu.median),
    ]),
  );
}

const scale = (found) =>
  table(
    ['clients', 'issuers', 'processor time to set up, ms', 'heap for each client', 'key sets fetched'],
    Object.values(found).map(({ clients, issuers, milliseconds, bytes, fetches }) => [
      clients.toLocaleString('en'),
      issuers.toLocaleString('en'),
      digits(milliseconds),
      `${(bytes / 1024).toFixed(2)} KB`,
      String(fetches),
    ]),
  );

const threads = (rows) =>
  table(
    ['RS256 tokens a second', '`crypto.verify`', 'p99 until verified, ms', 'p99 of a timer being late, ms'],
    rows.map(({ rate, form, p99, lateness }) => [rate.toLocaleString('en'), form, digits(p99), digits(lateness)]),
  );

/** What the README quotes, and what it is called in the other tables: a guard by itself, and in an application. */
const QUOTED = [
  ['**this library**, a token seen before', 'this library, 64 tokens seen before', 'this library'],
  ['**this library**, a token at first sight', 'this library', 'this library, first sight'],
  ['`AuthGuard` with passport-jwt and jwks-rsa', 'passport-jwt + jwks-rsa', 'AuthGuard'],
  ['`AuthGuard` with 100 strategies', undefined, 'AuthGuard', 100],
  ['nest-keycloak-connect', undefined, 'nest-keycloak-connect'],
  ['express-oauth2-jwt-bearer', 'express-oauth2-jwt-bearer', 'express-oauth2-jwt-bearer'],
  ['jose', 'jose', 'jose'],
  ['aws-jwt-verify', 'aws-jwt-verify', 'aws-jwt-verify'],
  ['fast-jwt, with its cache', 'fast-jwt, its cache', 'fast-jwt, its cache'],
];

/** The table of the README: medians alone. */
export function renderQuoted({ accepted, applications }) {
  const inApplication = (adapter, guard, clients) =>
    applications[adapter].valid.find((row) => row.guard === guard && row.clients === clients);
  const cell = (found) => (found === undefined ? '-' : digits(found.ratio.median));
  return table(
    ['', 'token by itself', 'Express', 'Fastify'],
    QUOTED.map(([name, token, guard, clients = 1]) => [
      name,
      cell(accepted.RS256[token]),
      cell(inApplication('express', guard, clients)),
      cell(inApplication('fastify', guard, clients)),
    ]),
  );
}

/** All of it. Ratios with the quarters that half of the rounds are between. */
export function render(results) {
  const [{ model }] = cpus();
  const apart = results.areApart ? '; applications and what sends them requests on processors of their own' : '';
  return [
    `Node.js ${process.version}, ${cpus().length} x ${model}, ${results.effort}${apart}.`,
    goals(results),
    '### A token by itself',
    tokens(results),
    refusals(results),
    ...Object.entries(results.applications).flatMap(([adapter, found]) => [
      `### A whole application on ${adapter === 'express' ? 'Express' : 'Fastify'}`,
      application(found),
    ]),
    '### Thousands of clients',
    scale(results.scale),
    '### In another thread',
    threads(results.threads),
    '### Where the time goes',
    ...Object.entries(results.profiles).flatMap(([name, text]) => [`${name}:`, `\`\`\`text\n${text}\n\`\`\``]),
  ].join('\n\n');
}
