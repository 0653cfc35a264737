import * as demonstration from './demonstration.js';
import { byId, mark } from './element.js';
import { table } from './table.js';

const ROTATED =
  'Rotated. The provider signs with a new key from now on; the one before is still published. The API fetches the set when it ' +
  'meets the first token of the new key: three times in a row, and then once in ten seconds. In between, a token of a key that ' +
  'it does not know yet is refused.';

async function rotateKeys() {
  await demonstration.rotateKeys();
  return ROTATED;
}

/** The part of the page about keys. */
export async function startKeySets({ embeddedProvider }) {
  const rotate = byId('rotate');
  rotate.hidden = embeddedProvider === undefined;
  rotate.addEventListener('click', () => void attempt(rotateKeys));
  byId('look-again').addEventListener('click', () => void attempt(() => `As of ${new Date().toLocaleTimeString()}.`));
  await showKeySets();
}

export async function showKeySets() {
  const rows = Object.entries(await demonstration.keySets()).map(
    ([name, { status, need, issuer, keyAge, nextRefresh, lastError }]) => [
      name,
      [status === 'up' ? mark('good', '') : mark('bad', ''), ` ${status}${need === 'optional' ? ', optional' : ''}`],
      issuer,
      keyAge === undefined ? 'not fetched' : `${keyAge} s ago`,
      nextRefresh === undefined ? 'none planned' : `in ${nextRefresh} s`,
      lastError ?? 'none',
    ],
  );
  const columns = ['Client', 'Status', 'Issuer', 'Keys confirmed', 'Next refresh', 'Last error'];
  byId('key-sets-table').replaceChildren(table('Key sets of the clients', columns, rows));
}

/** Does something, looks how it stands with the keys, and says what the action returned. */
async function attempt(action) {
  const status = byId('key-sets-status');
  try {
    const said = await action();
    await showKeySets();
    status.textContent = said;
  } catch (error) {
    status.textContent = `That did not work: ${error.message}`;
  }
}
