import type { Configuration } from '../configuration/resolve-configuration';
import { PROOF_TOLERANCE } from '../core/proof/proof-checks';
import { proofOriginOf } from '../core/proof/target-uri';
import { finding, type Finding } from './finding';
import type { IssuerExamination } from './examine-issuer';
import { quoteAll } from './printable';
import { clockOffsetOf } from './timeliness';

/** What is to be said of proofs of possession: their origins against the metadata, and the clock that judges their `iat`. */
export function possessionFindings(
  { possession, resourceMetadata }: Configuration,
  issuers: readonly IssuerExamination[],
): Finding[] {
  if (possession === undefined) {
    return [];
  }
  const resources = [resourceMetadata?.resource ?? []].flat().map((url) => proofOriginOf(url, true)?.base);
  const others = possession.origins.filter(({ base }) => !resources.includes(base));
  return [
    ...(resources.length > 0 && others.length > 0
      ? [
          finding(
            'proof_origin',
            {},
            `proofs are for ${quoteAll(others.map(({ base, path }) => base + path))}, and resourceMetadata names no resource there: ` +
              'callers that follow the metadata send proofs for another URL, and get invalid_dpop_proof',
            'give proofOfPossession.origins and resourceMetadata.resource the URL under which callers reach the API',
          ),
        ]
      : []),
    ...clockFindings(issuers),
  ];
}

/** A clock that most issuers disagree with is this machine's. */
function clockFindings(issuers: readonly IssuerExamination[]): Finding[] {
  const offsets = issuers
    .map(({ exchanges }) => clockOffsetOf(exchanges))
    .filter((offset): offset is number => offset !== undefined);
  const off = offsets.filter((offset) => Math.abs(offset) > PROOF_TOLERANCE);
  const [offset = 0] = off;
  return off.length * 2 > offsets.length
    ? [
        finding(
          'proof_clock',
          {},
          `by the Date of most issuers' answers this machine's clock is ${Math.abs(offset)} s ${offset > 0 ? 'behind' : 'ahead'}: proofs may ` +
            `be ${PROOF_TOLERANCE} s ahead, so those of callers whose clocks are right may get invalid_dpop_proof`,
          'synchronize the clock of this machine by NTP',
        ),
      ]
    : [];
}
