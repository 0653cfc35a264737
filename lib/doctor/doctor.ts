import type { Client, IssuerConfiguration } from '../core/client/client';
import { systemClock, type Clock } from '../core/clock';
import type { Configuration } from '../configuration/resolve-configuration';
import { loadJwksRsa } from '../issuer/fetch-key-set';
import { Certificates } from './certificates';
import { compareIssuers } from './compare-issuers';
import { environmentFindings } from './environments';
import { examineClient, type ClientExamination } from './examine-client';
import { examineIssuer, type ExaminationContext, type IssuerExamination } from './examine-issuer';
import { finding, worstOf, type Finding, type FindingSeverity } from './finding';
import { introspectionFindings } from './introspection-findings';
import { possessionFindings } from './possession-findings';
import type { ClientReport, DoctorReport, IssuerReport } from './report';
import { clockOffsetOf } from './timeliness';

/** How many issuers are examined at a time. */
const AT_A_TIME = 8;

const ORDER: readonly FindingSeverity[] = ['problem', 'warning', 'ok'];

/** How an examination is made. */
export interface DoctorOptions {
  /** Whether this is production: there, test issuers have no business. */
  readonly isProduction: boolean;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/**
 * Examines every issuer and every client of a configuration. Sends GETs to the configured URLs and to what the documents
 * there name, as the application would. Issuers with `introspection` are asked about one made-up token by POST. Takes `fetchTimeout` for each eight issuers, at most.
 */
export async function examine(
  configuration: Configuration,
  { isProduction, clock = systemClock }: DoctorOptions,
): Promise<DoctorReport> {
  // Loading takes time of its own, which is no provider's.
  loadJwksRsa();
  const { fetchTimeout, dispatcher } = configuration;
  const { clients } = configuration.clients;
  const certificates = new Certificates();
  certificates.watch();
  try {
    const context = { clock, certificates, fetchTimeout, dispatcher };
    const issuers = await examineIssuers([...configuration.issuers], clients, context);
    const examined = issuers.flatMap((issuer) =>
      issuer.clients.map((client) => examineClient(client, issuer, clock.now())),
    );
    return reportOf(issuers, examined, [
      ...issuers.flatMap(({ findings }) => findings),
      ...compareIssuers(issuers),
      ...examined.flatMap(({ findings }) => findings),
      ...environmentFindings(issuers, clients, isProduction),
      ...possessionFindings(configuration, issuers),
      ...(await introspectionFindings(configuration, issuers, clock)),
      ...configuration.warnings.map((warning) =>
        finding('configuration_warning', {}, warning, 'change the option, unless that is meant'),
      ),
    ]);
  } finally {
    certificates.unwatch();
  }
}

/** A few at a time; one that hangs holds up nobody but itself. In the order of the configuration. */
async function examineIssuers(
  configurations: readonly IssuerConfiguration[],
  clients: readonly Client[],
  context: ExaminationContext,
): Promise<IssuerExamination[]> {
  const examinations: IssuerExamination[] = [];
  const waiting = configurations.entries();
  const worker = async (): Promise<void> => {
    for (const [index, configuration] of waiting) {
      const own = clients.filter(({ issuer }) => issuer === configuration);
      examinations[index] = await examineIssuer(configuration, own, context);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return examinations;
}

function reportOf(
  issuers: readonly IssuerExamination[],
  clients: readonly ClientExamination[],
  findings: readonly Finding[],
): DoctorReport {
  const count = (severity: FindingSeverity): number => findings.filter((found) => found.severity === severity).length;
  return {
    status: worstOf(findings),
    problems: count('problem'),
    warnings: count('warning'),
    issuers: issuers.map((issuer) => issuerReportOf(issuer, findings)),
    clients: clients.map((client) => clientReportOf(client, issuers, findings)),
    findings: [...findings].sort((one, other) => ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity)),
  };
}

function issuerReportOf(issuer: IssuerExamination, findings: readonly Finding[]): IssuerReport {
  const { label, discoveryUrl, jwksUri, exchanges, certificateExpires } = issuer;
  return {
    issuer: label,
    status: worstOf(findings.filter((found) => found.issuer === label && found.client === undefined)),
    clients: issuer.clients.map(({ name }) => name),
    discoveryUrl,
    discoveryMilliseconds: exchanges.of(discoveryUrl)?.milliseconds,
    jwksUri,
    keySetMilliseconds: exchanges.of(jwksUri)?.milliseconds,
    clockOffset: clockOffsetOf(exchanges),
    certificateExpires: certificateExpires?.toISOString(),
    keys: issuer.keys ?? [],
  };
}

/** A client is as well as it is itself and as its issuer is. */
function clientReportOf(
  { client, verifiable }: ClientExamination,
  issuers: readonly IssuerExamination[],
  findings: readonly Finding[],
): ClientReport {
  const issuer = issuers.find(({ configuration }) => configuration === client.issuer)?.label ?? '';
  const relevant = findings.filter(
    (found) => found.client === client.name || (found.client === undefined && found.issuer === issuer),
  );
  return {
    name: client.name,
    issuer,
    audiences: [...client.audiences],
    status: worstOf(relevant),
    algorithms: [...client.algorithms],
    verifiable,
  };
}
