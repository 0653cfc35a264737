/** What is tried with each provider, in this order: each returns what was seen, and throws if it was not what it should be. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SampleApplication } from './support/sample-application.mjs';
import { decodeToken } from './support/oauth.mjs';

const root = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Longer than this is a network's doing: known keys do not wait for it. In milliseconds. */
const NO_NETWORK = 1000;

class Unexpected extends Error {}

function check(holds, fault) {
  if (!holds) {
    throw new Unexpected(fault);
  }
}

/** Calls the sample, and demands this answer. */
async function demand(application, [path, token, method], status, code) {
  const answer = await application.call(path, token, method);
  const told = answer.body.code === undefined ? `${answer.status}` : `${answer.status} \`${answer.body.code}\``;
  check(answer.status === status && answer.body.code === code, `${told} instead of ${status} ${code ?? ''}`);
  return { ...answer, told };
}

/**
 * The same, at the latest so many seconds from now: fetches of a key set are bounded to three and one more every ten
 * seconds, and after two rotations in a row the next may be that far away (docs/key-sets.md).
 */
async function demandSoon(application, request, status, code, seconds = 12) {
  const [path, token] = request;
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(500)) {
    if ((await application.call(path, token)).status === status) {
      break;
    }
  }
  return demand(application, request, status, code);
}

/** A token signed by another key than that one: some providers need a moment after a rotation. */
async function tokenOfNewKey(provider, oldToken) {
  const { kid } = decodeToken(oldToken).header;
  for (let attempt = 0; attempt < 50; attempt++) {
    const token = await provider.serviceToken();
    if (decodeToken(token).header.kid !== kid) {
      return token;
    }
    await sleep(200);
  }
  throw new Unexpected('the provider goes on signing with its old key');
}

export const SCENARIOS = {
  async 'client credentials: `GET /me`'(run) {
    const { provider, application } = run;
    run.service = await provider.serviceToken();
    const { body, told } = await demand(application, ['/me', run.service], 200);
    const { client, roles } = body;
    check(client === 'bcmi', `client ${client}`);
    check(String(roles) === String(provider.expected.serviceRoles), `roles ${roles}`);
    return `${told}, client bcmi, ${roles.length === 0 ? 'no roles' : roles}`;
  },
  async "client credentials: the client's own route, `GET /bcmi/mines`"({ provider, application, service }) {
    const mayView = provider.expected.serviceRoles.includes('core_view_all');
    const expected = mayView ? [200] : [403, 'missing_a_valid_role'];
    return (await demand(application, ['/bcmi/mines', service], ...expected)).told;
  },
  async 'login of alice (authorization code, PKCE): `GET /me`'(run) {
    const { provider, application } = run;
    run.alice = await provider.logIn('alice');
    const { body, told } = await demand(application, ['/me', run.alice.access_token], 200);
    const { client, roles } = body;
    check(client === 'core-web', `client ${client}`);
    check(String(roles.toSorted()) === 'core_edit_mines,core_view_all', `roles ${roles}`);
    return `${told}, client core-web, ${roles.toSorted().join(', ')}`;
  },
  async 'alice has the role: `PUT /mines/2`'({ application, alice }) {
    return (await demand(application, ['/mines/2', alice.access_token, 'PUT'], 200)).told;
  },
  async 'alice has one of two: `POST /mines/2/close`'({ application, alice }) {
    const request = ['/mines/2/close', alice.access_token, 'POST'];
    return (await demand(application, request, 403, 'missing_required_roles')).told;
  },
  async 'bob lacks it: `PUT /mines/2`'({ provider, application }) {
    const { access_token: token } = await provider.logIn('bob');
    await demand(application, ['/mines', token], 200);
    return (await demand(application, ['/mines/2', token, 'PUT'], 403, 'missing_a_valid_role')).told;
  },
  async "alice at another client's route: `GET /bcmi/mines`"({ application, alice }) {
    return (await demand(application, ['/bcmi/mines', alice.access_token], 403, 'client_not_allowed')).told;
  },
  async 'a token for an application that is not configured'({ provider, application }) {
    return (await demand(application, ['/me', await provider.strangersToken()], 401, 'unknown_audience')).told;
  },
  async 'the ID token'({ provider, application, alice }) {
    return (await demand(application, ['/me', alice.id_token], 401, provider.expected.idToken)).told;
  },
  async 'the refresh token'({ provider, application, alice }) {
    check(alice.refresh_token !== undefined, 'no refresh token');
    return (await demand(application, ['/me', alice.refresh_token], 401, provider.expected.refreshToken)).told;
  },
  async 'what `doctor` says'({ environment }) {
    const command = [root('dist/cli/main.js'), 'doctor', '--config', root('.sample/auth.options.js')];
    const ended = await promisify(execFile)(process.execPath, command, { env: environment, timeout: 60_000 }).catch(
      (error) => error,
    );
    check(ended.code === undefined, `exit code ${ended.code}: ${ended.stdout}${ended.stderr}`);
    return 'no problem';
  },
  async 'keys rotated: the known key, before the new one is seen'(run) {
    await run.provider.rotateKeys();
    run.rotated = await tokenOfNewKey(run.provider, run.service);
    return (await demand(run.application, ['/me', run.service], 200)).told;
  },
  async 'keys rotated: the first token of the new key'({ application, rotated }) {
    return (await demand(application, ['/me', rotated], 200)).told;
  },
  async 'keys rotated: a token of the old key, after that'({ provider, application, service }) {
    const expected = provider.expected.oldKey === 'kept' ? [200] : [401, 'unknown_key'];
    return (await demand(application, ['/me', service], ...expected)).told;
  },
  async 'the old key removed, and the set fetched again'(run) {
    const { provider, application, service } = run;
    await provider.rotateKeys();
    await provider.removeOldestKey?.();
    run.latest = await tokenOfNewKey(provider, run.rotated);
    await demandSoon(application, ['/me', run.latest], 200);
    return (await demand(application, ['/me', service], 401, 'unknown_key')).told;
  },
  async 'provider stopped: a known key'(run) {
    const { provider, application, latest } = run;
    await provider.rotateKeys();
    run.unseen = await tokenOfNewKey(provider, latest);
    await provider.stop();
    const began = performance.now();
    const { told } = await demand(application, ['/me', latest], 200);
    check(performance.now() - began < NO_NETWORK, 'it waited for the network');
    return told;
  },
  async 'provider stopped: a key not seen yet'(run) {
    const { told, retryAfter } = await demandSoon(run.application, ['/me', run.unseen], 503, 'keys_unavailable');
    check(Number(retryAfter) > 0, `Retry-After ${retryAfter}`);
    return `${told}, \`Retry-After\``;
  },
  async 'provider stopped: another instance of the sample starts'(run) {
    run.second = await SampleApplication.start(run.environment, run.folder);
    await demand(run.second, ['/mine-types'], 200);
    return (await demand(run.second, ['/me', run.latest], 503, 'keys_unavailable')).told;
  },
  async 'provider back: the token that got 503, as `Retry-After` says'({ provider, application, unseen }) {
    await provider.restart();
    const first = await application.call('/me', unseen);
    if (first.status === 503) {
      // An attempt failed while the provider was starting; the next is within ten seconds.
      check(Number(first.retryAfter) <= 10, `Retry-After ${first.retryAfter}`);
      await sleep(Number(first.retryAfter) * 1000);
    }
    return (await demand(application, ['/me', unseen], 200)).told;
  },
  async 'provider back: the other instance, without a restart'({ second, unseen }) {
    return (await demandSoon(second, ['/me', unseen], 200)).told;
  },
  async 'provider back: a new login'({ provider, application }) {
    return (await demand(application, ['/mines', (await provider.logIn('alice')).access_token], 200)).told;
  },
};
