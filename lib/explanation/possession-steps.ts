import type { Client } from '../core/client/client';
import { confirmationOf } from '../core/proof/confirmation';
import type { JsonObject } from '../core/token/json-object';
import type { Inquiry, StepDescription } from './inquiry';
import { listed, shown } from './wording';

/** What the step "possession" expected and found: each check that failed, with both. */
export function describePossession(claims: JsonObject, client: Client, { stop, faults }: Inquiry): StepDescription {
  const { keyThumbprint, certificateThumbprint } = confirmationOf(claims) ?? {};
  const wanted = [
    ...(keyThumbprint === undefined ? [] : [`a DPoP proof by the key ${shown(keyThumbprint)}`]),
    ...(certificateThumbprint === undefined ? [] : [`the certificate ${shown(certificateThumbprint)}`]),
  ];
  const expected =
    wanted.length > 0
      ? wanted.join(' and ')
      : client.requireSenderConstraint
        ? 'a token that is bound to its sender'
        : 'nothing: the token is not bound to its sender';
  if (stop?.step !== 'possession') {
    return { expected, found: 'nothing against it' };
  }
  const failures = faults.length > 0 ? faults : [stop.failure ?? {}];
  return { expected, found: failures.map(describeFailure).join('; ') };
}

/** One check that failed. */
export function describeFailure({
  claim,
  expected,
  actual,
}: {
  readonly claim?: string;
  readonly expected?: unknown;
  readonly actual?: unknown;
}): string {
  const name = claim === undefined ? '' : `${claim} `;
  const found = actual === undefined ? 'missing' : shown(actual);
  return expected === undefined ? `${name}${found}` : `${name}${found}, expected ${expectation(expected)}`;
}

function expectation(expected: unknown): string {
  if (expected instanceof Set) {
    return listed(expected as ReadonlySet<string>);
  }
  return Array.isArray(expected) && expected.every((one) => typeof one === 'string')
    ? listed(expected)
    : shown(expected);
}
