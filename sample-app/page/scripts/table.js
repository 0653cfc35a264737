import { element } from './element.js';

/**
 * A table that becomes a list of cards where the screen is narrow. The roles are said outright, for styles that change what a
 * row looks like take them away.
 */
export function table(caption, columns, rows) {
  const heads = columns.map((column) => element('th', { scope: 'col', role: 'columnheader' }, column));
  const bodyRows = rows.map((cells) => element('tr', { role: 'row' }, ...cells.map(cellOf(columns))));
  return element(
    'table',
    { role: 'table' },
    element('caption', { class: 'heard' }, caption),
    element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads)),
    element('tbody', { role: 'rowgroup' }, ...bodyRows),
  );
}

const cellOf = (columns) => (content, index) => {
  const attributes =
    index === 0 ? { scope: 'row', role: 'rowheader' } : { role: 'cell', 'data-column': columns[index] };
  return element(index === 0 ? 'th' : 'td', attributes, element('span', {}, ...[content].flat()));
};
