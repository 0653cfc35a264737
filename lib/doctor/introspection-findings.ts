import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock';
import type { IntrospectionSettings } from '../core/introspection/settings';
import type { Configuration } from '../configuration/resolve-configuration';
import { FetchError } from '../issuer/fetch-json';
import { UnloadableError } from '../issuer/introspection-client';
import { IntrospectionEndpoint } from '../issuer/introspection-endpoint';
import { Issuer } from '../issuer/issuer';
import type { IssuerExamination } from './examine-issuer';
import { finding, type Finding, type FindingSubject } from './finding';

const SILENT = { log: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Asks each issuer with `introspection` about one made-up token: whether its endpoint is found and reached, accepts the
 * credentials, and answers as RFC 7662 says.
 */
export async function introspectionFindings(
  configuration: Configuration,
  issuers: readonly IssuerExamination[],
  clock: Clock,
): Promise<Finding[]> {
  const asked = new Map<string, IssuerExamination>();
  for (const issuer of issuers) {
    if (issuer.configuration.introspection !== undefined && !asked.has(issuer.label)) {
      asked.set(issuer.label, issuer);
    }
  }
  const found = await Promise.all([...asked.values()].map((issuer) => examineEndpoint(issuer, configuration, clock)));
  return found.flat();
}

async function examineEndpoint(
  { configuration, label, clients }: IssuerExamination,
  policy: Configuration,
  clock: Clock,
): Promise<Finding[]> {
  const settings = configuration.introspection;
  if (settings === undefined) {
    return [];
  }
  const subject = { issuer: label };
  const issuer = new Issuer(configuration, policy, clock, SILENT);
  const endpoint = new IntrospectionEndpoint(configuration, settings, policy, issuer, clock);
  const parties = clients.flatMap(({ authorizedParties }) => [...(authorizedParties ?? [])]);
  try {
    // Nobody has issued this token, so nothing of value is sent.
    const answer = await endpoint.ask(`${settings.tokenPrefix}${randomBytes(32).toString('base64url')}`);
    return [answerFinding(answer['active'], settings, subject), ...callerFindings(settings, parties, subject)];
  } catch (error) {
    return [failureFinding(error, settings, subject)];
  } finally {
    endpoint.close();
    issuer.close();
  }
}

function answerFinding(active: unknown, { clientId, method }: IntrospectionSettings, subject: FindingSubject): Finding {
  return active === false
    ? finding(
        'introspection_ready',
        subject,
        `its introspection endpoint accepts client ${JSON.stringify(clientId)} by ${method}, and says that a made-up token is not active`,
      )
    : finding(
        'introspection_untrustworthy',
        subject,
        'its introspection endpoint does not say that a made-up token is not active (active: false)',
        'check introspection.endpoint: this one accepts any token, or does not answer as RFC 7662 section 2.2 says',
      );
}

function failureFinding(error: unknown, { clientId, method }: IntrospectionSettings, subject: FindingSubject): Finding {
  const isKnown = error instanceof FetchError || error instanceof UnloadableError;
  const reason = isKnown ? error.message : 'unexpected failure';
  return error instanceof FetchError && error.failure === 'denied'
    ? finding(
        'introspection_denied',
        subject,
        `its introspection endpoint refuses client ${JSON.stringify(clientId)}, which authenticates by ${method}: ${reason}`,
        'check clientId, the secret or key, and the method of introspection, and whether the client may introspect',
      )
    : finding(
        'introspection_failed',
        subject,
        `it cannot be asked about tokens: ${reason}`,
        'check introspection.endpoint, or whether the discovery document names one, and whether this machine reaches it',
      );
}

/** Keycloak answers `active: false` to a client about tokens that were issued to it. */
function callerFindings(
  { clientId }: IntrospectionSettings,
  parties: readonly string[],
  subject: FindingSubject,
): Finding[] {
  return parties.includes(clientId)
    ? [
        finding(
          'introspection_client',
          subject,
          `introspection asks as client ${JSON.stringify(clientId)}, to which tokens are issued too (authorizedParties): Keycloak may answer ` +
            'active: false to the client that a token was issued to, or that is not in its aud',
          'give introspection a client of the API alone. With Keycloak, add it to the audience of the tokens',
        ),
      ]
    : [];
}
