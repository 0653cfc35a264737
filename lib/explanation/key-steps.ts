import { secretFor, type Client, type KeySource } from '../core/client/client';
import { MOST_TRIED } from '../core/key/key-set';
import type { VerificationKey } from '../core/key/verification-key';
import { own } from '../core/token/json-object';
import type { UnverifiedToken } from '../core/token/unverified-token';
import type { Inquiry, StepDescription } from './inquiry';
import { durationOf, shown } from './wording';

/** How many keys of a set are named. */
const NAMED_KEYS = 8;

/** The keys of a set, each with its id and its algorithm. */
export function namesOf(keys: readonly VerificationKey[]): string {
  const named = keys
    .slice(0, NAMED_KEYS)
    .map(
      ({ keyId, algorithms }) =>
        `${keyId === undefined ? 'one without an id' : shown(keyId)} (${familyOf(algorithms)})`,
    );
  const more = keys.length > NAMED_KEYS ? ` and ${keys.length - NAMED_KEYS} more` : '';
  return keys.length === 0 ? 'no usable key' : named.join(', ') + more;
}

/** Texts of the step `key`: the key that is needed, and the keys in the issuer's set. */
export function describeKey(token: UnverifiedToken, client: Client, inquiry: Inquiry): StepDescription {
  const algorithm = shown(token.algorithm);
  if (secretFor(client, token.algorithm) !== undefined) {
    return { expected: "the client's shared secret", found: 'it is configured' };
  }
  const issuer = inquiry.issuers.of(client.issuer);
  const { keys } = issuer;
  const { keyAge, lastError } = issuer.health;
  const wanted = own(token.unverifiedHeader, 'kid');
  const which =
    wanted === undefined
      ? `a key for ${algorithm}, of at most ${MOST_TRIED} that fit,`
      : `key ${shown(wanted)} for ${algorithm}`;
  const age = keyAge === undefined ? '' : `, confirmed ${durationOf(keyAge)} ago`;
  const trouble = lastError === undefined ? '' : `; ${lastError}`;
  const set = keys === undefined ? 'no key set' : `a set of ${namesOf(keys.keys)}${age}`;
  const whose = `the set of issuer ${issuer.label} for client ${shown(client.name)} (${sourceOf(client.issuer.keySource)})`;
  return { expected: `${which} in ${whose}`, found: set + trouble };
}

/** Where the keys of a client come from. */
function sourceOf(source: KeySource): string {
  switch (source.kind) {
    case 'static':
      return 'given with the configuration';
    case 'jwksUri':
      return `at ${source.url}`;
    case 'discovery':
      return 'named by its discovery document';
    case 'none':
      return 'none is configured';
  }
}

/** Texts of the step `signature`. */
export function describeSignature(algorithm: string, client: Client, { decision, stop }: Inquiry): StepDescription {
  const key = decision.keyId === undefined ? '' : ` ${shown(decision.keyId)}`;
  const what = secretFor(client, algorithm) === undefined ? `key${key}` : 'the shared secret';
  return {
    expected: `valid by ${shown(algorithm)} under ${what}`,
    found: stop?.step === 'signature' ? 'not valid' : 'valid',
  };
}

function familyOf(algorithms: ReadonlySet<string>): string {
  const [first = '', ...others] = algorithms;
  return others.length === 0 ? first : `${first} and others`;
}
