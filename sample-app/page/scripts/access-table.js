import { byId, code, element } from './element.js';
import { isOfApi, methodBadge } from './routes.js';
import { table } from './table.js';

/** Shows every route of the application, those of this page in a table of their own. */
export function showAccessTable(handlers) {
  const own = handlers.filter((handler) => !isOfApi(handler));
  byId('access-table').replaceChildren(
    tableOf('Routes of the mines API', handlers.filter(isOfApi)),
    element(
      'details',
      {},
      element('summary', {}, 'Routes of this page alone'),
      element(
        'p',
        { class: 'hint' },
        'A production API has none of these: they show claims, configuration and tokens.',
      ),
      tableOf('Routes of this page', own),
    ),
  );
}

function tableOf(caption, handlers) {
  const rows = handlers.map((handler) => [
    [methodBadge(handler.method), ' ', element('span', { class: 'path' }, handler.path)],
    asksOf(handler),
    handler.guards.join(', '),
    element('code', {}, ...handler.handler.split(/(?<=\.)/).flatMap((part) => [part, element('wbr')])),
  ]);
  return table(caption, ['Route', 'Who may call', 'Guards', 'Handler'], rows);
}

function asksOf({ access, clients, roles, allRoles, scopes, rules }) {
  const kinds = [
    ['client', clients],
    ['any role of', roles],
    ['every role of', allRoles],
    ['every scope of', scopes],
    ['rule', rules],
  ];
  const asked = kinds.filter(([, declared]) => declared !== undefined);
  if (access !== 'guarded') {
    return element('span', { class: 'badge' }, access);
  }
  return asked.length === 0
    ? 'any good token'
    : asked.map(([kind, { names }]) =>
        element(
          'span',
          { class: 'asked' },
          `${kind} `,
          ...names.flatMap((name, index) => [index ? ', ' : '', code(spelled(name))]),
        ),
      );
}

const spelled = (name) => (typeof name === 'string' ? name : `${name.any.join(' or ')} of ${name.client}`);
