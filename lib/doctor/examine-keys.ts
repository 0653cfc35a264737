import type { KeyObject } from 'node:crypto';
import type { IgnoredKeyReason, JwkJudgement, VerificationKey } from '../core/key/verification-key';
import { finding, type Finding, type FindingCode, type FindingSubject } from './finding';
import { quote } from '../issuer/quote';
import { quoteAll } from './printable';
import type { KeyReport } from './report';
import { EXAMPLE_KEYS, thumbprintOf } from './thumbprint';

const IGNORED: Readonly<Record<IgnoredKeyReason, readonly [code: FindingCode, remedy?: string]>> = {
  not_for_signatures: ['key_not_for_signatures'],
  weak: ['weak_key', 'have the issuer sign with RSA of 2048 bits or more (RFC 7518 section 3.3), and remove this key'],
  private_part: [
    'private_key_published',
    'whoever has read it can sign: have the key replaced at once, and only public parts published',
  ],
  unsupported_type: [
    'key_type_unsupported',
    'tokens signed with it are refused: have the clients use RS, PS, ES or EdDSA',
  ],
  algorithm_mismatch: ['key_algorithm_mismatch', 'have the issuer publish the algorithm that it signs with'],
  malformed: ['malformed_key', 'have the issuer publish it as RFC 7517 says'],
  not_a_key: ['malformed_key', 'have the issuer publish it as RFC 7517 says'],
};

/** A member of a key set, as published and as judged. */
export interface JudgedMember {
  /** What it says its key id is, whatever that is. */
  readonly keyId: unknown;
  readonly judgement: JwkJudgement;
}

/** What is said of an issuer's keys, apart from their being there. */
export interface KeyExamination {
  readonly reports: readonly KeyReport[];
  readonly findings: readonly Finding[];
}

/**
 * Examines a key set member by member.
 *
 * @param hasKeyIds whether its keys can have ids: those given as PEM text cannot, and need none.
 */
export function examineKeys(
  members: readonly JudgedMember[],
  subject: FindingSubject,
  hasKeyIds: boolean,
): KeyExamination {
  const usable = members.flatMap(({ judgement }) => (judgement.isUsable ? [judgement.key] : []));
  return {
    reports: members.map(reportOf),
    findings: [
      ...ignoredFindings(members, subject),
      ...exampleFindings(usable, subject),
      ...duplicateFindings(usable, subject),
      ...(hasKeyIds ? namelessFindings(usable, subject) : []),
    ],
  };
}

/** Whether there is any key to go on with. */
export function usabilityFinding(
  keys: readonly KeyReport[],
  jwksUri: string | undefined,
  subject: FindingSubject,
): Finding {
  const usable = keys.filter(({ ignored }) => ignored === undefined);
  const where = jwksUri === undefined ? 'its keys, given with the configuration,' : `its key set at ${jwksUri}`;
  if (usable.length === 0) {
    return finding(
      'no_usable_key',
      subject,
      `${where} has no key that may verify signatures, of ${keys.length}`,
      'have the issuer publish a key for signatures: RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519',
    );
  }
  const algorithms = [...new Set(usable.flatMap((key) => key.algorithms))];
  const count = `${usable.length} usable ${usable.length === 1 ? 'key' : 'keys'}`;
  return finding('key_set_usable', subject, `${where} has ${count}, for ${algorithms.join(', ')}`);
}

function reportOf({ keyId, judgement }: JudgedMember): KeyReport {
  if (!judgement.isUsable) {
    const id = typeof keyId === 'string' ? keyId : undefined;
    return { keyId: id, algorithms: [], ignored: judgement.detail };
  }
  const { key } = judgement;
  return {
    keyId: key.keyId,
    thumbprint: thumbprintOf(key.keyObject),
    type: typeOf(key.keyObject),
    algorithms: [...key.algorithms],
  };
}

function typeOf(key: KeyObject): string {
  const { kty = '', crv } = key.export({ format: 'jwk' });
  return `${kty} ${crv ?? key.asymmetricKeyDetails?.modulusLength ?? ''}`;
}

/** One finding for each kind of reason, with all keys that it holds for. */
function ignoredFindings(members: readonly JudgedMember[], subject: FindingSubject): Finding[] {
  const groups = new Map<FindingCode, { remedy: string | undefined; keys: string[] }>();
  for (const { keyId, judgement } of members) {
    if (!judgement.isUsable) {
      const [code, remedy] = IGNORED[judgement.reason];
      const group = groups.get(code) ?? { remedy, keys: [] };
      group.keys.push(`${nameOf(keyId)} (${judgement.detail})`);
      groups.set(code, group);
    }
  }
  return [...groups].map(([code, { remedy, keys }]) =>
    finding(
      code,
      subject,
      `${keys.length === 1 ? 'a key is' : `${keys.length} keys are`} ignored: ${keys.join(', ')}`,
      remedy,
    ),
  );
}

function exampleFindings(keys: readonly VerificationKey[], subject: FindingSubject): Finding[] {
  return keys.flatMap(({ keyId, keyObject }) => {
    const origin = EXAMPLE_KEYS.get(thumbprintOf(keyObject));
    return origin === undefined
      ? []
      : [
          finding(
            'example_key',
            subject,
            `key ${nameOf(keyId)} is that of ${origin}: its private part is public, and anybody can sign with it`,
            'have the issuer make a key of its own',
          ),
        ];
  });
}

/** Keys of one id are told apart by their algorithms; where these overlap, a token is tried with each. */
function duplicateFindings(keys: readonly VerificationKey[], subject: FindingSubject): Finding[] {
  const duplicated = new Set<string>();
  for (const [index, { keyId, algorithms }] of keys.entries()) {
    const namesakes = keys.slice(0, index).filter((other) => other.keyId === keyId);
    if (keyId !== undefined && namesakes.some((other) => [...other.algorithms].some((name) => algorithms.has(name)))) {
      duplicated.add(keyId);
    }
  }
  return duplicated.size === 0
    ? []
    : [
        finding(
          'duplicate_key_id',
          subject,
          `several keys for one algorithm share a kid: ${quoteAll(duplicated)}; each is tried`,
          'have the issuer give each key an id of its own (RFC 7517 section 4.5)',
        ),
      ];
}

/** A token that names a key is never verified with one that has no name (RFC 7515 section 4.1.4). */
function namelessFindings(keys: readonly VerificationKey[], subject: FindingSubject): Finding[] {
  const nameless = keys.filter(({ keyId }) => keyId === undefined);
  const isOnly = keys.length === 1;
  return nameless.length === 0
    ? []
    : [
        finding(
          'key_without_id',
          subject,
          `${nameless.length} of ${keys.length} keys ${nameless.length === 1 ? 'has' : 'have'} no kid: tokens with a kid ` +
            `get unknown_key${isOnly ? '' : ', and so do tokens without one if several keys fit their algorithm'}`,
          'have the issuer give each key an id; if its tokens have none, that is well as long as one key fits',
        ),
      ];
}

function nameOf(keyId: unknown): string {
  return keyId === undefined ? 'without kid' : quote(keyId);
}
