import { finding, type Finding } from './finding';
import type { IssuerExamination } from './examine-issuer';
import { quote } from '../issuer/quote';

/**
 * What several issuers have in common and should not: who holds a key of one issuer can sign tokens of every issuer that
 * publishes it (RFC 8725 section 3.8 binds keys to issuers).
 */
export function compareIssuers(issuers: readonly IssuerExamination[]): Finding[] {
  const findings: Finding[] = [];
  for (const [index, one] of issuers.entries()) {
    for (const other of issuers.slice(index + 1)) {
      findings.push(...comparePair(one, other));
    }
  }
  return findings;
}

function comparePair(one: IssuerExamination, other: IssuerExamination): Finding[] {
  const subject = { issuer: one.label };
  const both = `as has issuer ${other.label}`;
  if (one.jwksUri !== undefined && one.jwksUri === other.jwksUri) {
    return [
      finding(
        'shared_key_set',
        subject,
        `it has its key set at ${one.jwksUri}, ${both}: each can sign tokens of the other`,
        'if they are not tenants of one provider that does so on purpose, correct the one that is wrong',
      ),
    ];
  }
  const thumbprints = new Set(other.keys?.flatMap(({ thumbprint }) => thumbprint ?? []));
  const shared = one.keys?.filter(({ thumbprint }) => thumbprint !== undefined && thumbprints.has(thumbprint)) ?? [];
  return shared.length === 0
    ? []
    : [
        finding(
          'shared_key',
          subject,
          `it publishes the key with thumbprint ${shared.map(({ thumbprint }) => quote(thumbprint)).join(', ')}, ${both}: ` +
            'each can sign tokens of the other',
          'have each issuer sign with keys of its own, unless they are one provider on purpose',
        ),
      ];
}
