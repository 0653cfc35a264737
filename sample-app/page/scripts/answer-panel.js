import { readChallenge, summaryOf } from './challenge.js';
import { byId, code, element, facts } from './element.js';

/** Shows a request and its answer. What is heard is the verdict alone; the rest is there to read. */
export function showAnswer(curl, answer) {
  const { status, statusText, headers, challenge, body } = answer;
  byId('answer-parts').replaceChildren(
    part('Request', element('pre', { tabindex: '0', 'aria-label': 'Request' }, curl)),
    part('Challenge', ...challengeOf(challenge)),
    part('Body', element('pre', { tabindex: '0', 'aria-label': 'Body' }, pretty(body))),
    part(
      'Headers',
      element('pre', { tabindex: '0', 'aria-label': 'Headers' }, headers.map((pair) => pair.join(': ')).join('\n')),
    ),
  );
  const verdict = byId('verdict');
  verdict.dataset.kind = status < 400 ? 'good' : 'bad';
  const { code: refusal, message } = parsed(body) ?? {};
  verdict.replaceChildren(
    element('strong', {}, `${status} ${statusText}`),
    ...(refusal === undefined ? [] : [' ', code(refusal)]),
    ...(status < 400 || message === undefined ? [] : [' ', element('span', {}, String(message))]),
  );
}

/** Says that there is no answer. */
export function showNoAnswer(curl, reason) {
  byId('answer-parts').replaceChildren(
    part('Request', element('pre', { tabindex: '0', 'aria-label': 'Request' }, curl)),
  );
  byId('verdict').dataset.kind = 'bad';
  byId('verdict').textContent = `No answer: ${reason}`;
}

const part = (heading, ...content) => element('div', { class: 'part' }, element('h3', {}, heading), ...content);

function challengeOf(challenge) {
  if (challenge === undefined) {
    return [element('p', { class: 'hint' }, 'None: the answer has no WWW-Authenticate header.')];
  }
  const read = readChallenge(challenge);
  const meanings = read.parts.map(({ name, value, meaning }) => [
    name,
    [code(value), element('span', { class: 'meaning' }, meaning)],
  ]);
  return [
    element('pre', { tabindex: '0', 'aria-label': 'Challenge', id: 'challenge' }, `WWW-Authenticate: ${challenge}`),
    element('p', {}, summaryOf(read)),
    facts(meanings, { class: 'facts meanings' }),
  ];
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pretty(text) {
  const value = parsed(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
}
