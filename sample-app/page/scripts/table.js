import { element } from './element.js';

/**
 * A table. One that is `stacking` becomes a list of cards where the screen is narrow; the roles are said outright, for styles
 * that change what a row looks like take them away.
 *
 * @param shape `stacking` or `narrow`. Default: `stacking`.
 */
export function table(caption, columns, rows, shape = 'stacking') {
  const heads = columns.map((column) => element('th', { scope: 'col', role: 'columnheader' }, column));
  const bodyRows = rows.map((cells) => element('tr', { role: 'row' }, ...cells.map(cellOf(columns))));
  return element(
    'table',
    { role: 'table', class: shape },
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
