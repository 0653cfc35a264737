/** What was aimed at, and whether it was met: from the numbers of one run. */
import { summary } from './measure.mjs';
import { FLOOR } from './token-costs.mjs';

const OURS = 'this library';
const digits = (number) => number.toFixed(number < 1 ? 3 : 2);

const line = (what, goal, found, isMet, reason = '') => ({ what, goal, found, isMet, reason });

/**
 * One line about a ratio.
 *
 * @param found its median and the quarters; undefined where it was not measured.
 * @param part what it is made of in any case, to be told where it is missed.
 */
function atMost(what, goal, found, part) {
  if (found === undefined) {
    return line(what, `<= ${goal}`, 'not measured', undefined);
  }
  const { median, low, high } = found;
  const reasons = [part, low <= goal ? 'the goal is within the spread of this run' : undefined];
  const reason = reasons.filter((one) => one !== undefined).join('; ');
  return line(what, `<= ${goal}`, `${digits(median)} (${digits(low)}-${digits(high)})`, median <= goal, reason);
}

function ofFirstSight(algorithm, goal, results) {
  const what = `first sight, ${algorithm}, against crypto.verify`;
  const floor = digits(results[FLOOR].ratio.median);
  const part = `${floor} is to take it apart and to verify it with nothing checked, and the strict checks stay`;
  return [
    atMost(`${what}, cache off`, goal, results[`${OURS}, cache off`].ratio, part),
    atMost(`${what}, and remembered`, goal, results[OURS].ratio, part),
  ];
}

function ofTokens({ accepted, refused, many }) {
  const goals = { RS256: 1.4, PS256: 1.4, ES256: 1.2, EdDSA: 1.2 };
  const refusals = {
    'unknown issuer': 0.6,
    'foreign audience': 0.6,
    expired: 0.6,
    'garbage without dots': 0.25,
    'garbage of three parts': 0.25,
    'a bad signature': 1.8,
  };
  const { RS256 } = accepted;
  const faster = RS256['passport-jwt + jwks-rsa'].ratio.median / RS256[OURS].ratio.median;
  const seen = (count) => RS256[`${OURS}, ${count} tokens seen before`].ratio;
  return [
    ...Object.entries(goals).flatMap(([algorithm, goal]) => ofFirstSight(algorithm, goal, accepted[algorithm])),
    line(
      'first sight, RS256, faster than passport-jwt + jwks-rsa',
      '>= 6.5',
      digits(faster),
      faster >= 6.5,
      `without checks, taken apart and verified, it would be ${digits(RS256['passport-jwt + jwks-rsa'].ratio.median / RS256[FLOOR].ratio.median)}`,
    ),
    atMost(`seen before, 64 tokens, against crypto.verify`, 0.03, seen(64)),
    atMost(`seen before, ${many} tokens, 128 MB for them, against crypto.verify`, 0.1, seen(many)),
    ...Object.entries(refusals).map(([name, goal]) =>
      atMost(`refused: ${name}, against crypto.verify`, goal, refused[name].ratio),
    ),
  ];
}

/** The ratios of two rows of one run, round by round; undefined where one of them was not measured. */
function against(rows, one, other) {
  const [row, base] = [one, other].map(([guard, clients]) =>
    rows.find((candidate) => candidate.guard === guard && candidate.clients === clients),
  );
  return row && base && summary(row.rounds.map((cpu, round) => cpu / base.rounds[round]));
}

function ofApplication([adapter, { valid }]) {
  const none = ['no guard', 1];
  const of = (guard) => {
    const found = against(valid, [guard, 1], none);
    return found && digits(found.median);
  };
  const found = of('found again, nothing checked');
  const held = of('no guard, 20 MB held');
  return [
    atMost(
      `${adapter}: seen before, against no guard`,
      1.08,
      against(valid, [OURS, 1], none),
      found &&
        `a guard that does nothing is ${of('a guard that does nothing')}, one that finds the token again and checks nothing ${found}`,
    ),
    atMost(
      `${adapter}: first sight, against a guard that only verifies`,
      1.3,
      against(valid, [`${OURS}, first sight`, 1], ['verification only', 1]),
    ),
    atMost(
      `${adapter}: an opaque token whose answer is cached, against no guard`,
      1.1,
      against(valid, [`${OURS}, opaque tokens`, 1], none),
    ),
    atMost(
      `${adapter}: 10,000 clients, against one`,
      1.05,
      against(valid, [OURS, 10_000], [OURS, 1]),
      held && `without any guard, an application that holds as much memory is ${held} against one that does not`,
    ),
  ];
}

function ofScale({ thousand, tenThousand, issuers }) {
  const slower = tenThousand.milliseconds / thousand.milliseconds;
  const kilobytes = tenThousand.bytes / 1024;
  const fetched = ({ clients, issuers: of, fetches }) =>
    line(`key sets fetched, ${clients} clients, ${of} issuers`, `= ${of}`, String(fetches), fetches === of);
  return [
    line('setting up 10,000 clients, against 1,000', '<= 12', digits(slower), slower <= 12, 'not known'),
    line(
      'heap for each client with its strategy',
      '<= 2.5 KB',
      `${digits(kilobytes)} KB`,
      kilobytes <= 2.5,
      'not known',
    ),
    fetched(tenThousand),
    fetched(issuers),
  ];
}

function ofMemory({ decisions, full, after }) {
  const growth = `${(after - full).toFixed(2)} MB`;
  return line(`heap after ${decisions} different tokens, beyond a full cache`, '<= 1 MB', growth, after - full <= 1);
}

function ofPossession({ proof, bearer, bytes }) {
  return [
    atMost('a token seen before with a fresh ES256 proof, against a guard that only verifies that', 1.25, proof),
    atMost('a plain token seen before, with proofOfPossession on, against off', 1.01, bearer),
    line('memory for each used proof', '<= 100 bytes', `${digits(bytes)} bytes`, bytes <= 100),
  ];
}

export const goalsOf = (results) => [
  ...ofTokens(results),
  ...Object.entries(results.applications).flatMap(ofApplication),
  ...ofPossession(results.possession),
  ...ofScale(results.scale),
  ofMemory(results.memory),
];
