/** Makes an element. What is shown is set as text, never as HTML: nothing that a token says can become markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) {
      made.setAttribute(attribute, value);
    }
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** The element of the page with that id. */
export const byId = (id) => document.getElementById(id);

/** Terms and what they are; those without a value are left out. */
export function facts(pairs, attributes = { class: 'facts' }) {
  const known = pairs.filter(([, value]) => value !== undefined && value !== '');
  const rows = known.map(([term, value]) =>
    element('div', {}, element('dt', {}, term), element('dd', {}, ...[value].flat())),
  );
  return element('dl', attributes, ...rows);
}

/** A mark that is seen, and the word for it, which is heard. */
export function mark(kind, word) {
  const signs = { good: '✓', bad: '✗', none: '·' };
  return element(
    'span',
    { class: `mark ${kind}` },
    element('span', { 'aria-hidden': 'true' }, signs[kind]),
    element('span', { class: 'heard' }, word),
  );
}

export const code = (text) => element('code', {}, text);
