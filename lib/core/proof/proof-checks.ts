import type { Failure } from '../decision/failure';
import { verifySignature } from '../key/signature';
import { isNumericDate } from '../checks/claims';
import { own } from '../token/json-object';
import { sha256, type Proof } from './proof';
import { normalizeUri } from './target-uri';

/** How far the clock of a caller may be ahead of ours, or behind it, in seconds (FAPI 2.0 section 5.3.4). */
export const PROOF_TOLERANCE = 10;

/** The longest `jti`, in characters. */
export const LONGEST_JTI = 256;

/**
 * What a proof is compared with.
 *
 * @internal
 */
export interface ProofContext {
  /** Algorithms that proofs may be signed with. */
  readonly algorithms: ReadonlySet<string>;
  /** Seconds. */
  readonly maxProofAge: number;
  readonly method: string | undefined;
  /** The URIs that the request may have been sent to, normalized. */
  readonly targets: readonly string[];
  readonly token: string;
  /** The thumbprint of the key that the token is bound to. */
  readonly thumbprint: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** A check of a proof. The claim names what it is about. */
interface ProofCheck {
  readonly claim: string;
  readonly code: 'invalid_dpop_proof' | 'binding_mismatch';
  readonly isMet: (proof: Proof, context: ProofContext) => boolean;
  readonly expected: (context: ProofContext) => unknown;
  readonly actual: (proof: Proof) => unknown;
}

const claimOf =
  (name: string) =>
  ({ claims }: Proof): unknown =>
    own(claims, name);

const memberOf =
  (name: string) =>
  ({ header }: Proof): unknown =>
    own(header.members, name);

function check(
  claim: string,
  isMet: ProofCheck['isMet'],
  expected: ProofCheck['expected'],
  actual: ProofCheck['actual'],
  code: ProofCheck['code'] = 'invalid_dpop_proof',
): ProofCheck {
  return { claim, code, isMet, expected, actual };
}

/** The checks of RFC 9449 section 4.3, cheap ones first. The nonce and the `jti` come after them. */
const CHECKS: readonly ProofCheck[] = [
  check(
    'typ',
    ({ header }) => own(header.members, 'typ') === 'dpop+jwt',
    () => 'dpop+jwt',
    memberOf('typ'),
  ),
  check(
    'alg',
    ({ header }, { algorithms }) => algorithms.has(header.algorithm),
    ({ algorithms }) => algorithms,
    memberOf('alg'),
  ),
  check(
    'jwk',
    ({ header }) => header.thumbprint !== undefined && !header.saysPrivateKey,
    () => 'a public key',
    ({ header: { jwk, saysPrivateKey } }) =>
      jwk === undefined ? undefined : saysPrivateKey ? 'a key that is not public' : 'a key of an unknown type',
  ),
  check(
    'jkt',
    ({ header }, { thumbprint }) => header.thumbprint === thumbprint,
    ({ thumbprint }) => thumbprint,
    ({ header }) => header.thumbprint,
    'binding_mismatch',
  ),
  check(
    'jti',
    ({ claims }) => isIdentifier(own(claims, 'jti')),
    () => `1 to ${LONGEST_JTI} characters`,
    claimOf('jti'),
  ),
  check(
    'htm',
    ({ claims }, { method }) => method !== undefined && own(claims, 'htm') === method,
    ({ method }) => method,
    claimOf('htm'),
  ),
  check(
    'htu',
    ({ claims }, { targets }) => {
      const uri = own(claims, 'htu');
      const normal = typeof uri === 'string' ? normalizeUri(uri) : undefined;
      return normal !== undefined && targets.includes(normal);
    },
    ({ targets }) => targets,
    claimOf('htu'),
  ),
  check(
    'iat',
    ({ claims }, { now, maxProofAge }) => {
      const issued = own(claims, 'iat');
      return isNumericDate(issued) && issued >= now - maxProofAge && issued <= now + PROOF_TOLERANCE;
    },
    ({ now, maxProofAge }) => [now - maxProofAge, now + PROOF_TOLERANCE],
    claimOf('iat'),
  ),
  check(
    'nbf',
    ({ claims }, { now }) => {
      const from = own(claims, 'nbf');
      return !Object.hasOwn(claims, 'nbf') || (isNumericDate(from) && from <= now + PROOF_TOLERANCE);
    },
    ({ now }) => now + PROOF_TOLERANCE,
    claimOf('nbf'),
  ),
  check(
    'exp',
    ({ claims }, { now }) => {
      const until = own(claims, 'exp');
      return !Object.hasOwn(claims, 'exp') || (isNumericDate(until) && now < until + PROOF_TOLERANCE);
    },
    ({ now }) => now - PROOF_TOLERANCE,
    claimOf('exp'),
  ),
  check(
    'ath',
    ({ claims }, { token }) => own(claims, 'ath') === sha256(token),
    ({ token }) => sha256(token),
    claimOf('ath'),
  ),
  check(
    'signature',
    ({ header, signingInput, signature }) => {
      const { key } = header;
      return key.isUsable && verifySignature(header.algorithm, key.key, signingInput, signature);
    },
    () => 'a signature by the key of jwk',
    ({ header: { key } }) => (key.isUsable ? 'another signature' : key.detail),
  ),
];

/**
 * The first check that a proof fails; undefined if it passes all.
 *
 * @internal
 */
export function findProofFault(proof: Proof, context: ProofContext): Failure | undefined {
  for (const each of CHECKS) {
    if (!each.isMet(proof, context)) {
      return faultOf(each, proof, context);
    }
  }
  return undefined;
}

/**
 * Every check that a proof fails, for explanations.
 *
 * @internal
 */
export function findProofFaults(proof: Proof, context: ProofContext): readonly Failure[] {
  return CHECKS.filter((each) => !each.isMet(proof, context)).map((each) => faultOf(each, proof, context));
}

function faultOf({ claim, code, expected, actual }: ProofCheck, proof: Proof, context: ProofContext): Failure {
  return {
    check: code === 'binding_mismatch' ? 'binding' : 'proof',
    code,
    claim,
    expected: expected(context),
    actual: actual(proof),
  };
}

function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= LONGEST_JTI;
}

/**
 * What a proof that passed every check is remembered as, and for how long from now, in seconds: until its `iat` is too old
 * for any replica. The key is part of it, so that nobody's `jti` blocks another's.
 *
 * @internal
 */
export function useOf(
  proof: Proof,
  { thumbprint, maxProofAge, now }: ProofContext,
): { readonly key: string; readonly lifetime: number } {
  const issued = own(proof.claims, 'iat');
  const until = (isNumericDate(issued) ? issued : now) + maxProofAge + PROOF_TOLERANCE;
  return { key: sha256(`${thumbprint} ${String(own(proof.claims, 'jti'))}`), lifetime: until - now };
}
