/** Where the processor is while a guarded route is under load: a profile's ten largest, as text. */
import { Application } from './application.mjs';
import { describeWorld } from './application-costs.mjs';

/** What is no work of the application: waiting, and being profiled. */
const NO_WORK = new Set(['(idle)', '(program)', 'dispatch']);

/** What a frame is called: its function and its file, from the package on. */
function nameOf({ functionName, url, lineNumber }) {
  const file = url
    .replace(/^file:\/\//, '')
    .replace(/^.*\/node_modules\//, '')
    .replace(/^.*\/dist\//, 'nestjs-oidc-multi-auth/');
  const place = file === '' ? '' : ` (${file.replace(/^.*\/bench\//, 'bench/')}:${lineNumber + 1})`;
  return `${functionName || 'anonymous'}${place}`;
}

/** The share of each function in a profile, idle time apart, by its own time. */
function sharesOf({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const times = new Map();
  let total = 0;
  for (const [index, sample] of samples.entries()) {
    const name = nameOf(byId.get(sample));
    if (!NO_WORK.has(name)) {
      times.set(name, (times.get(name) ?? 0) + timeDeltas[index]);
      total += timeDeltas[index];
    }
  }
  return [...times]
    .map(([name, time]) => ({ name, share: time / total }))
    .sort((one, other) => other.share - one.share);
}

export async function profile(world, guard, { milliseconds }) {
  const application = await Application.start({ adapter: 'express', guard, world: describeWorld(world, 1) });
  const tokens = Array.from({ length: 200 }, () => world.token('RS256'));
  await application.load(tokens, { milliseconds });
  await application.ask('profile');
  await application.load(tokens, { milliseconds });
  const { profile: recorded } = await application.ask('stop');
  application.stop();
  const shares = sharesOf(recorded);
  const own = shares.filter(({ name }) => name.includes('nestjs-oidc-multi-auth/'));
  const percent = (share) => `${(100 * share).toFixed(1).padStart(5)} %`;
  return [
    ...shares.slice(0, 10).map(({ name, share }) => `${percent(share)}  ${name}`),
    `${percent(own.reduce((sum, { share }) => sum + share, 0))}  everything of this library together`,
  ].join('\n');
}
