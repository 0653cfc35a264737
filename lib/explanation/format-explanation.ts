import type { ExplainedClient, Explanation, ExplanationStep } from './explanation';
import { shown } from './wording';

/** The meaning of a piece of text, from which its colour follows. */
export type Emphasis = 'good' | 'bad' | 'faint' | 'strong';

/** Gives a piece of text its colour, or leaves it as it is. */
export type Paint = (emphasis: Emphasis, text: string) => string;

const PLAIN: Paint = (_emphasis, text) => text;

/**
 * An explanation as text for a terminal.
 *
 * @param paint default: no colours.
 */
export function formatExplanation(explanation: Explanation, paint: Paint = PLAIN): string {
  const sections = [
    headOf(explanation, paint),
    stepsOf(explanation.steps, paint),
    clientsOf(explanation.clients, paint),
    hintsOf(explanation, paint),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headOf({ accepted, code, status, message, client, route, principal }: Explanation, paint: Paint): string[] {
  const where = route === undefined ? '' : ` on ${route}`;
  const whose = client === undefined ? '' : ` as a token of client ${shown(client)}`;
  const verdict = accepted
    ? paint('good', `✓ accepted${whose}${where}`)
    : code === undefined
      ? paint('strong', `? not decided${where}: the issuer was not asked`)
      : paint('bad', `✗ refused${whose}${where}: ${status} ${code}`);
  const who = [
    ['subject', principal?.subject === undefined ? undefined : shown(principal.subject)],
    ['roles', principal?.roles.map(shown).join(', ')],
    ['scopes', principal?.scopes.map(shown).join(', ')],
  ].filter((line) => line[1] !== undefined && line[1] !== '');
  return [
    verdict,
    ...(message === undefined ? [] : [`  ${message}`]),
    ...who.map(([name = '', value = '']) => `  ${name.padEnd(7)} ${value}`),
  ];
}

function stepsOf(steps: readonly ExplanationStep[], paint: Paint): string[] {
  const taken = steps.filter(({ outcome }) => outcome !== 'not reached');
  const width = Math.max(...steps.map(({ name }) => name.length));
  const indent = ' '.repeat(width + 5);
  const lines = taken.flatMap(({ name, outcome, expected, found }) => {
    const failed = outcome === 'failed';
    const mark = failed ? paint('bad', '✗') : paint('good', '✓');
    const detail = [
      `  ${mark} ${name.padEnd(width)} ${found ?? ''}`.trimEnd(),
      ...(failed && expected !== undefined ? [`${indent}expected: ${expected}`] : []),
    ];
    return detail;
  });
  const left = steps.filter(({ outcome, name }) => outcome === 'not reached' && name !== 'rules');
  const rules = steps.find(({ name }) => name === 'rules');
  return [
    paint('strong', 'Steps'),
    ...lines,
    ...(left.length === 0 ? [] : [paint('faint', `  · not reached: ${left.map(({ name }) => name).join(', ')}`)]),
    ...(rules === undefined
      ? []
      : [paint('faint', `  · ${'rules'.padEnd(width)} not evaluated: ${rules.expected ?? ''}`)]),
  ];
}

function clientsOf(clients: readonly ExplainedClient[], paint: Paint): string[] {
  if (clients.length === 0) {
    return [];
  }
  const mark = (matches: boolean, width: number): string =>
    (matches ? paint('good', '✓') : paint('bad', '✗')) + ' '.repeat(width - 1);
  const width = Math.max('client'.length, ...clients.map(({ name }) => shown(name).length));
  return [
    paint('strong', `Clients`),
    paint('faint', `  ${'client'.padEnd(width)}  issuer  audience  party  is for`),
    ...clients.map(({ name, isChosen, issuer, audience, authorizedParty }) => {
      const parties =
        authorizedParty.expected === undefined ? '' : `, of ${authorizedParty.expected.map(shown).join(' or ')}`;
      const spelled = shown(name).padEnd(width);
      return (
        `  ${isChosen ? paint('strong', spelled) : spelled}  ${mark(issuer.matches, 6)}  ` +
        `${mark(audience.matches, 8)}  ${mark(authorizedParty.matches, 5)}  ` +
        `${audience.claim} ${audience.expected.map(shown).join(' or ')}${parties} at ${issuer.expected.join(' or ')}`
      );
    }),
  ];
}

function hintsOf({ accepted, hints }: Explanation, paint: Paint): string[] {
  const title = accepted ? 'Worth knowing' : hints.length === 1 ? 'What to do' : 'Possible causes';
  return hints.length === 0
    ? []
    : [paint('strong', title), ...hints.map(({ code, text }) => `  ${paint('strong', code)}: ${text}`)];
}
