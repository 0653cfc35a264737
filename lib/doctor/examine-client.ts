import { isRetired, type Client } from '../core/client/client';
import type { IssuerExamination } from './examine-issuer';
import { finding, type Finding, type FindingSubject } from './finding';
import { quoteAll } from './printable';

/** A client whose tokens will be refused in so many days is to be talked about. */
export const SUNSET_DAYS = 30;
const SECONDS_PER_DAY = 86_400;

/** What was seen of a client. */
export interface ClientExamination {
  readonly client: Client;
  /** The accepted algorithms that a key is there for; undefined where the issuer's keys could not be had. */
  readonly verifiable: readonly string[] | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Examines a client with what was seen of its issuer.
 *
 * @param now seconds since the epoch.
 */
export function examineClient(client: Client, issuer: IssuerExamination, now: number): ClientExamination {
  const subject = { client: client.name, issuer: issuer.label };
  const ofKeys = client.usesKeySet ? issuer.keys?.flatMap(({ algorithms }) => algorithms) : [];
  const available = ofKeys && [...ofKeys, ...(client.secret?.algorithms ?? [])];
  const verifiable = available && [...client.algorithms].filter((algorithm) => available.includes(algorithm));
  return {
    client,
    verifiable,
    findings: [
      ...algorithmFindings(client, available, verifiable, subject),
      ...ruleFindings(client, issuer, subject),
      ...deprecationFindings(client, now, subject),
    ],
  };
}

function algorithmFindings(
  { algorithms }: Client,
  available: readonly string[] | undefined,
  verifiable: readonly string[] | undefined,
  subject: FindingSubject,
): Finding[] {
  // Without any key there is one finding already, about the issuer.
  if (available === undefined || verifiable === undefined || available.length === 0) {
    return [];
  }
  return verifiable.length > 0
    ? [finding('client_ready', subject, `there are keys for what it accepts: ${verifiable.join(', ')}`)]
    : [
        finding(
          'no_key_for_client',
          subject,
          `it accepts ${[...algorithms].join(', ')}, and the keys verify ${[...new Set(available)].join(', ')}: none of its tokens is good`,
          'let it accept what its issuer signs with, or have the issuer sign with what it accepts',
        ),
      ];
}

function ruleFindings(client: Client, { jwksUri, label }: IssuerExamination, subject: FindingSubject): Finding[] {
  const findings: Finding[] = [];
  const hasKeycloakKeys = jwksUri?.endsWith('/protocol/openid-connect/certs') === true;
  if (
    (hasKeycloakKeys || label.includes('/realms/')) &&
    client.audiences.has('account') &&
    client.authorizedParties === undefined
  ) {
    findings.push(
      finding(
        'account_audience',
        subject,
        'its audience "account" is that of Keycloak\'s own account console, in nearly every token of a realm: tokens of any application are accepted',
        "add an audience mapper with a name of this API's own and give that; or say by authorizedParties whose tokens are meant",
      ),
    );
  }
  if (client.acceptIdTokens && hasKeycloakKeys) {
    findings.push(
      finding(
        'id_tokens_accepted',
        subject,
        'it accepts ID tokens, which tell a client who logged in, and its provider, a Keycloak, has access tokens for calling APIs',
        'leave out acceptIdTokens, and have callers send their access token',
      ),
    );
  }
  if (!client.hasRoles) {
    findings.push(
      finding(
        'roles_unread',
        subject,
        'nothing says where its roles are: its principals have none',
        'give preset or roles; if it is to have none, say so by roles: () => []',
      ),
    );
  }
  return findings;
}

function deprecationFindings(client: Client, now: number, subject: FindingSubject): Finding[] {
  const { deprecation } = client;
  if (deprecation === undefined) {
    return [];
  }
  const { since, sunset } = deprecation;
  if (sunset === undefined || sunset - now > SUNSET_DAYS * SECONDS_PER_DAY) {
    const until = sunset === undefined ? 'no end is decided' : `it ends on ${dayOf(sunset)}`;
    return [finding('client_deprecated', subject, `it is deprecated since ${dayOf(since)}, and ${until}`)];
  }
  return isRetired(client, now)
    ? [
        finding(
          'sunset_past',
          subject,
          `its tokens are refused since ${dayOf(sunset)} (client_retired)`,
          'remove it once nobody asks any more, or move its sunset',
        ),
      ]
    : [
        finding(
          'sunset_near',
          subject,
          `its tokens will be refused from ${dayOf(sunset)} on, in ${Math.ceil((sunset - now) / SECONDS_PER_DAY)} days`,
          `see that nobody depends on ${quoteAll(client.audiences)} any more, or move its sunset`,
        ),
      ];
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
