import { byId, code, element, facts, mark } from './element.js';
import { missingOf } from './missing.js';
import { table } from './table.js';

const OUTCOMES = { passed: 'good', failed: 'bad', 'not reached': 'none' };

/** Shows why a token is accepted or refused on a route. */
export function showExplanation(explanation, route) {
  const { client, principal, steps, clients, hints } = explanation;
  byId('explanation').replaceChildren(
    facts(
      [
        ['Client selected', client === undefined ? 'none' : element('strong', {}, client)],
        ['Subject', principal?.subject],
        [
          'Roles found',
          principal === undefined ? 'none: nothing in a refused token is believed' : namesOf(principal.roles),
        ],
        ['Missing', missingOf(explanation, route)],
      ],
      { class: 'facts result', id: 'result' },
    ),
    element('h3', {}, 'Steps'),
    element('ol', { class: 'steps', id: 'steps' }, ...steps.map(stepOf)),
    ...hintsOf(hints),
    ...clientsOf(clients),
  );
}

/** Where there was no token, there is nothing to explain. */
export function showNoToken(answer) {
  const text =
    answer.status < 400
      ? 'The route is public: it is called without a token.'
      : 'There was no token: nothing to choose a client by, and no step was taken.';
  byId('explanation').replaceChildren(element('p', {}, text));
}

export function showNoExplanation(reason) {
  byId('explanation').replaceChildren(element('p', {}, `There is no explanation: ${reason}`));
}

function namesOf(names) {
  return names.length === 0 ? 'none' : names.flatMap((name, index) => [index === 0 ? '' : ' ', code(name)]);
}

function stepOf({ name, outcome, expected, found, code: refusal }) {
  const failed = outcome === 'failed';
  return element(
    'li',
    { class: 'step', 'data-outcome': outcome, 'data-step': name },
    mark(OUTCOMES[outcome], outcome),
    element('strong', {}, name),
    element(
      'div',
      { class: 'details' },
      refusal === undefined ? undefined : element('p', {}, code(refusal)),
      element('p', {}, outcome === 'not reached' ? 'not reached' : (found ?? '')),
      failed && expected !== undefined ? element('p', {}, `expected: ${expected}`) : undefined,
    ),
  );
}

function hintsOf(hints) {
  const items = hints.map(({ code: name, text }) => element('li', {}, code(name), ` ${text}`));
  return items.length === 0 ? [] : [element('h3', {}, 'Worth knowing'), element('ul', { class: 'hints' }, ...items)];
}

function clientsOf(clients) {
  if (clients.length === 0) {
    return [];
  }
  const matching = ({ matches }) => (matches ? mark('good', 'matches') : mark('bad', 'does not match'));
  const rows = clients.map(({ name, isChosen, issuer, audience, authorizedParty }) => [
    isChosen ? [element('strong', {}, name), ' ', element('span', { class: 'badge' }, 'selected')] : name,
    matching(issuer),
    matching(audience),
    matching(authorizedParty),
  ]);
  return [
    element('h3', {}, 'How the client was selected'),
    table('How the client was selected', ['Client', 'Issuer', 'Audience', 'Party'], rows, 'narrow'),
  ];
}
