import { types } from 'node:util';
import { answerOf, Thrown } from '../core/checks/strictness';
import type { Client, NamesReader } from '../core/client/client';
import type { Failure } from '../core/decision/failure';
import { functionBehind } from '../core/principal/names';
import type { JsonObject } from '../core/token/json-object';
import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import type { Inquiry, StepDescription } from './inquiry';
import { listed, shown } from './wording';

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

/** The step in which the application adds what it knows of the caller. */
export function describeEnrichment({ stop, decision }: Inquiry): StepDescription {
  const expected = 'an answer of enrich in time, and not false';
  if (stop?.step === 'enrich') {
    return { expected, found: stop.failure?.actual === false ? 'false' : 'no answer' };
  }
  const { roles = [], scopes = [] } = decision.accepted ? decision.principal : {};
  return {
    expected,
    found: `with what it added: ${roles.length === 0 ? 'no role' : `roles ${listed(roles, 'and')}`}, ${
      scopes.length === 0 ? 'no scope' : `scopes ${listed(scopes, 'and')}`
    }`,
  };
}

/** The client's `enrich` refused the caller, or failed. */
export function enrichmentHints(failure: Failure | undefined, name: string): ExplanationHint[] {
  const actual = failure?.actual;
  if (!(actual instanceof Thrown)) {
    return [
      hint(
        'enrich_refused',
        `the token is good, and enrich of client ${shown(name)} returned false for its caller`,
        'see what that function looks for, such as a record of the user in the database',
      ),
    ];
  }
  const reason = types.isNativeError(actual.error) ? actual.error.message : 'no error object';
  return [
    hint(
      'enrich_failed',
      `the token is good, and enrich of client ${shown(name)} failed: ${shown(reason)}`,
      'correct the function, or what it asks; such callers get 503 until it answers',
    ),
  ];
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
