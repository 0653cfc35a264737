import { FAPI_ALGORITHMS } from '../core/checks/strictness';
import { isJsonObject, type JsonObject } from '../core/token/json-object';
import type { Faults } from './configuration-error';
import type { OidcClientRules } from './options';

/** How far clocks may differ under FAPI 2.0, in seconds: 10 must be granted, and no more than 60 (section 5.3.4). */
export const FAPI_TOLERANCE = { minimum: 10, maximum: 60 } as const;

/** Whether the FAPI 2.0 Security Profile is enforced for a client. */
export function enforcesFapi({ strictness }: Pick<OidcClientRules, 'strictness'>): boolean {
  return strictness?.profile === 'fapi2' && strictness.mode !== 'report';
}

/** Reports what does not fit tokens that must be bound to their sender, in the options of one client. */
export function checkSenderConstraint(
  label: string,
  client: JsonObject,
  isPossessionChecked: boolean,
  faults: Faults,
): void {
  const { strictness, requireSenderConstraint, algorithms, clockTolerance, secret } = client;
  const isFapi = isJsonObject(strictness) && strictness['profile'] === 'fapi2';
  if (!isPossessionChecked && (requireSenderConstraint === true || isFapi)) {
    faults.add(
      label,
      isFapi ? 'strictness' : 'requireSenderConstraint',
      `${isFapi ? 'profile fapi2 ' : ''}asks for tokens that are bound to their sender, and nothing checks those`,
      'give proofOfPossession to the module, such as { origins: ["https://api.example"] }',
    );
  }
  if (!isFapi || strictness['mode'] === 'report') {
    return;
  }
  if (requireSenderConstraint === false) {
    faults.add(
      label,
      'requireSenderConstraint',
      'is false beside profile fapi2, which asks for it',
      'leave it out, or leave the profile out',
    );
  }
  const others: unknown[] = Array.isArray(algorithms)
    ? algorithms.filter((name) => !FAPI_ALGORITHMS.includes(String(name)))
    : [];
  if (others.length > 0 || secret !== undefined) {
    faults.add(
      label,
      others.length > 0 ? 'algorithms' : 'secret',
      `does not fit profile fapi2, whose tokens are signed with ${FAPI_ALGORITHMS.join(', ')} alone`,
      'leave it out, or leave the profile out',
    );
  }
  const { minimum, maximum } = FAPI_TOLERANCE;
  if (typeof clockTolerance === 'number' && (clockTolerance < minimum || clockTolerance > maximum)) {
    faults.add(
      label,
      'clockTolerance',
      `is not from ${minimum} to ${maximum}, as profile fapi2 asks for`,
      `leave it out: it is ${minimum} then`,
    );
  }
}
