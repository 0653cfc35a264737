import { types } from 'node:util';
import { answerOf, Thrown } from '../core/checks/strictness';
import type { Client, NamesReader } from '../core/client/client';
import type { Failure } from '../core/decision/failure';
import { functionBehind } from '../core/principal/names';
import type { JsonObject } from '../core/token/json-object';
import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import { shown } from './wording';

/** The client's own rule did not return `true`. */
export function ruleHints({ option = 'validate', actual }: Partial<Failure>, { name }: Client): ExplanationHint[] {
  const fault = faultOf(`${option} of client ${shown(name)}`, actual, 'only true accepts');
  return fault === undefined
    ? [
        hint(
          'own_rule',
          `the token is as the provider made it, and ${option} of client ${shown(name)} returns ${kindOf(actual)} for its claims, not true`,
          'send a token that the rule accepts, or change the rule',
        ),
      ]
    : [fault];
}

/** A function that reads names (of roles or scopes) gave something that cannot be read. Calls it once more. */
export function readerHints(
  option: 'roles' | 'scopes',
  reader: NamesReader,
  claims: JsonObject,
  { name }: Client,
): ExplanationHint[] {
  const read = functionBehind(reader);
  if (read === undefined) {
    return [];
  }
  const fault = faultOf(
    `${option} of client ${shown(name)}`,
    answerOf(read, structuredClone(claims)),
    `the token has no ${option} by it`,
  );
  return fault === undefined ? [] : [fault];
}

function faultOf(what: string, answer: unknown, effect: string): ExplanationHint | undefined {
  if (types.isPromise(answer)) {
    return hint(
      'promise_returned',
      `${what} returned a promise, and functions of clients are synchronous: ${effect}`,
      'make the function synchronous. Load what it needs before, or look it up after authentication, in a guard or rule of your own',
    );
  }
  if (answer instanceof Thrown) {
    const reason = types.isNativeError(answer.error) ? shown(answer.error.message) : 'no error object';
    return hint('function_threw', `${what} threw ${reason}: ${effect}`, 'correct the function for such claims');
  }
  return undefined;
}

function kindOf(answer: unknown): string {
  return answer === null || ['boolean', 'undefined', 'number'].includes(typeof answer)
    ? String(answer)
    : `a value of type ${typeof answer}`;
}
