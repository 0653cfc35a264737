/** What was aimed at, and whether it was met: from the numbers of one run. */

import { FLOOR } from './token-costs.mjs';

const OURS = 'this library';
const two = (number) => (number < 1 ? number.toFixed(3) : number.toFixed(2));
const ratioOf = (results, name) => results[name]?.ratio.median;

/** One line: what, the goal, what was found, and why it was missed if it was. */
const line = (what, goal, found, isMet, reason = '') => ({ what, goal, found, isMet, reason });
const atMost = (what, goal, value, unit = '', reason = '') =>
  value === undefined
    ? line(what, `<= ${goal}${unit}`, 'not measured', undefined)
    : line(what, `<= ${goal}${unit}`, `${two(value)}${unit}`, value <= goal, reason);

/** Why a first sight costs more than was aimed at: what is left to do without. */
const floorOf = (results) =>
  `taken apart and verified, with nothing checked, it is ${two(ratioOf(results, FLOOR))} already; the strict checks stay`;

/** Why a request does: what Nest takes to call a guard. */
const emptyOf = (rows) =>
  `a guard that does nothing is ${two(against(rows, ['a guard that does nothing', 1], ['no guard', 1]))} already`;

function ofTokens({ accepted, refused, many }) {
  const lines = [];
  for (const [algorithm, goal] of Object.entries({ RS256: 1.4, PS256: 1.4, ES256: 1.2, EdDSA: 1.2 })) {
    const results = accepted[algorithm];
    if (results !== undefined) {
      const what = `first sight, ${algorithm}, against crypto.verify`;
      lines.push(atMost(`${what}, cache off`, goal, ratioOf(results, `${OURS}, cache off`), '', floorOf(results)));
      lines.push(atMost(`${what}, remembered`, goal, ratioOf(results, OURS), '', floorOf(results)));
    }
  }
  const { RS256 } = accepted;
  const faster = ratioOf(RS256, 'passport-jwt + jwks-rsa') / ratioOf(RS256, OURS);
  lines.push(
    line(
      'first sight, RS256, faster than passport-jwt + jwks-rsa',
      '>= 6.5 times',
      `${two(faster)} times`,
      faster >= 6.5,
    ),
  );
  lines.push(
    atMost('seen before, 64 tokens, against crypto.verify', 0.03, ratioOf(RS256, `${OURS}, 64 tokens seen before`)),
  );
  lines.push(
    atMost(
      `seen before, ${many} tokens, against crypto.verify`,
      0.1,
      ratioOf(RS256, `${OURS}, ${many} tokens seen before`),
    ),
  );
  for (const [name, goal] of Object.entries({
    'unknown issuer': 0.6,
    'foreign audience': 0.6,
    expired: 0.6,
    'garbage without dots': 0.25,
    'garbage of three parts': 0.25,
    'a bad signature': 1.8,
  })) {
    lines.push(atMost(`refusing: ${name}, against crypto.verify`, goal, ratioOf(refused, name)));
  }
  return lines;
}

/** The median of the ratios of two rows of one run, round by round. */
function against(rows, one, other) {
  const [row, base] = [one, other].map(([guard, clients]) =>
    rows.find((candidate) => candidate.guard === guard && candidate.clients === clients),
  );
  const ratios = row?.rounds.map((cpu, round) => cpu / base.rounds[round]).toSorted((a, b) => a - b);
  return ratios?.[ratios.length >> 1];
}

function ofApplications(applications) {
  return Object.entries(applications).flatMap(([adapter, { valid }]) => [
    atMost(
      `${adapter}: seen before, against no guard`,
      1.08,
      against(valid, [OURS, 1], ['no guard', 1]),
      '',
      emptyOf(valid),
    ),
    atMost(
      `${adapter}: first sight, against a guard that only verifies`,
      1.3,
      against(valid, [`${OURS}, first sight`, 1], ['verification only', 1]),
    ),
    atMost(`${adapter}: 10,000 clients, against one`, 1.05, against(valid, [OURS, 10_000], [OURS, 1])),
  ]);
}

function ofScale({ thousand, tenThousand, issuers }) {
  const fetched = ({ clients, issuers: of, fetches }) =>
    line(`key sets fetched, ${clients} clients, ${of} issuers`, `= ${of}`, String(fetches), fetches === of);
  return [
    atMost('setting up 10,000 clients, against 1,000', 12, tenThousand.milliseconds / thousand.milliseconds),
    atMost('heap for each client with its strategy', 2.5, tenThousand.bytes / 1024, ' KB'),
    fetched(tenThousand),
    fetched(issuers),
  ];
}

function ofMemory({ decisions, full, after }) {
  const growth = after - full;
  return [
    line(
      `heap after ${decisions} different tokens, against a full cache`,
      '<= 1 MB more',
      `${growth.toFixed(2)} MB`,
      growth <= 1,
    ),
  ];
}

export const goalsOf = (results) => [
  ...ofTokens(results),
  ...ofApplications(results.applications),
  ...ofScale(results.scale),
  ...ofMemory(results.memory),
];
