import type { Client, IssuerConfiguration } from '../core/client/client';
import type { Clock } from '../core/clock';
import { isLoopback, parseUrl } from '../core/url';
import { discover, type ProviderMetadata } from '../issuer/discovery';
import { FetchError, isJsonType, type FetchBounds } from '../issuer/fetch-json';
import { fetchMembers } from '../issuer/fetch-key-set';
import { judgeJwk } from '../core/key/verification-key';
import { own, isJsonObject } from '../core/token/json-object';
import type { Certificates } from './certificates';
import { examineKeys, usabilityFinding, type JudgedMember } from './examine-keys';
import { Exchanges } from './exchanges';
import { explainFailure, settingsOf, type FailurePlace } from './explain-failure';
import { finding, type Finding, type FindingSubject } from './finding';
import { timelinessFindings } from './timeliness';
import { quote } from '../issuer/quote';
import type { KeyReport } from './report';

/** What an examination needs. */
export interface ExaminationContext {
  readonly clock: Clock;
  readonly certificates: Certificates;
  /** How long an issuer may take for document and key set together, in seconds: as long as in the application. */
  readonly fetchTimeout: number;
  readonly dispatcher?: unknown;
}

/** What was seen of an issuer. */
export interface IssuerExamination {
  readonly configuration: IssuerConfiguration;
  readonly clients: readonly Client[];
  /** Its identifier, or what it may be. */
  readonly label: string;
  readonly discoveryUrl: string | undefined;
  readonly jwksUri: string | undefined;
  readonly exchanges: Exchanges;
  readonly certificateExpires: Date | undefined;
  /** Absent where the key set could not be had. */
  readonly keys: readonly KeyReport[] | undefined;
  readonly findings: readonly Finding[];
}

/** What is known so far. */
interface Progress {
  discoveryUrl?: string;
  metadata?: ProviderMetadata;
  jwksUri?: string;
  members?: readonly JudgedMember[];
}

/**
 * Examines an issuer by the fetches, bounds and rules of the application. Failures become findings.
 */
export async function examineIssuer(
  configuration: IssuerConfiguration,
  clients: readonly Client[],
  context: ExaminationContext,
): Promise<IssuerExamination> {
  const label = configuration.issuer ?? configuration.possibleIssuers[0] ?? 'unknown issuer';
  const subject = { issuer: label };
  const exchanges = new Exchanges(context.clock);
  const progress: Progress = {};
  const findings: Finding[] = [];
  const isRequired = clients.some((client) => client.isRequired);
  try {
    await fetchAll(configuration, progress, boundsOf(configuration, exchanges, context));
  } catch (error) {
    if (!(error instanceof FetchError)) {
      throw error;
    }
    findings.push(inWeight(explainFailure(error, placeOf(progress, exchanges, subject)), isRequired));
  }
  const { discoveryUrl, jwksUri, members } = progress;
  if (discoveryUrl !== undefined) {
    findings.push(finding('discovery_found', subject, `its discovery document is at ${discoveryUrl}`));
    findings.push(...accessTokenFindings(discoveryUrl, progress.metadata, subject));
  }
  const hasKeyIds = configuration.keySource.kind !== 'static' || configuration.keySource.members !== undefined;
  const keys = members && examineKeys(members, subject, hasKeyIds);
  if (keys !== undefined) {
    findings.push(inWeight(usabilityFinding(keys.reports, jwksUri, subject), isRequired), ...keys.findings);
    findings.push(...contentTypeFindings(jwksUri, exchanges, subject));
  }
  const certificateExpires = context.certificates.expiryOf([...documentUrlsOf(configuration), jwksUri]);
  findings.push(
    ...transportFindings(configuration, jwksUri, subject),
    ...timelinessFindings({ clients, exchanges, certificateExpires }, context, subject),
  );
  return {
    configuration,
    clients,
    label,
    discoveryUrl,
    jwksUri,
    exchanges,
    certificateExpires,
    keys: keys?.reports,
    findings,
  };
}

/** Fetches what it can, and leaves in `progress` what it read before a failure. */
async function fetchAll(configuration: IssuerConfiguration, progress: Progress, bounds: FetchBounds): Promise<void> {
  const { keySource } = configuration;
  switch (keySource.kind) {
    case 'none':
      return;
    case 'static':
      progress.members =
        keySource.members?.map(judge) ??
        keySource.keys.keys.map((key) => ({ keyId: undefined, judgement: { isUsable: true, key } }));
      return;
    case 'discovery': {
      const metadata = await discover(keySource, configuration, bounds);
      progress.discoveryUrl = metadata.url;
      progress.metadata = metadata;
      progress.jwksUri = metadata.jwksUri;
      break;
    }
    case 'jwksUri':
      progress.jwksUri = keySource.url;
      break;
  }
  const { members } = await fetchMembers(progress.jwksUri, bounds);
  progress.members = members.map(judge);
}

function judge(member: unknown): JudgedMember {
  return { keyId: isJsonObject(member) ? own(member, 'kid') : undefined, judgement: judgeJwk(member) };
}

function boundsOf(
  { allowInsecureHttp, fetchHeaders, dispatcher: ofSource }: IssuerConfiguration,
  observer: Exchanges,
  { fetchTimeout, dispatcher }: ExaminationContext,
): FetchBounds {
  const milliseconds = Math.round(fetchTimeout * 1000);
  return {
    deadline: { milliseconds, signal: AbortSignal.timeout(milliseconds) },
    allowInsecureHttp,
    signal: new AbortController().signal,
    dispatcher: ofSource ?? dispatcher,
    headers: fetchHeaders,
    observer,
  };
}

function placeOf({ discoveryUrl, jwksUri }: Progress, exchanges: Exchanges, subject: FindingSubject): FailurePlace {
  const isAtKeySet = jwksUri !== undefined;
  return {
    ...subject,
    location: exchanges.all.find(({ location }) => location !== undefined)?.location,
    isKeySetElsewhere: isAtKeySet && discoveryUrl !== undefined && hostOf(discoveryUrl) !== hostOf(jwksUri),
  };
}

/** That the document names another issuer for access tokens than is configured, as that of AD FS does. */
function accessTokenFindings(url: string, metadata: ProviderMetadata | undefined, subject: FindingSubject): Finding[] {
  const { issuer, documentIssuer, accessTokenIssuer } = metadata ?? {};
  return documentIssuer === undefined || accessTokenIssuer === undefined || accessTokenIssuer === issuer
    ? []
    : [
        finding(
          'access_token_issuer',
          subject,
          `the document at ${url} says that access tokens have iss ${quote(accessTokenIssuer)} (access_token_issuer), and issuer is ${quote(issuer)}`,
          `if clients send access tokens, ${settingsOf(accessTokenIssuer, url, documentIssuer)}`,
        ),
      ];
}

/** The failure of an issuer without required clients is only a warning. */
function inWeight(found: Finding, isRequired: boolean): Finding {
  return found.severity === 'problem' && !isRequired ? { ...found, severity: 'warning' } : found;
}

function transportFindings(
  configuration: IssuerConfiguration,
  jwksUri: string | undefined,
  subject: FindingSubject,
): Finding[] {
  const urls = [configuration.issuer, ...documentUrlsOf(configuration), jwksUri];
  const bare = new Set(
    urls.flatMap((url) => {
      const parsed = url === undefined ? undefined : parseUrl(url);
      return parsed?.protocol === 'http:' && !isLoopback(parsed) ? [parsed.origin] : [];
    }),
  );
  return bare.size === 0
    ? []
    : [
        finding(
          'not_https',
          subject,
          `${[...bare].join(', ')} is not https: whoever is on the way can forge its keys, and so its tokens`,
          'reach it over https',
        ),
      ];
}

/** Where the document may be. */
function documentUrlsOf({ keySource }: IssuerConfiguration): readonly string[] {
  return keySource.kind === 'discovery' ? keySource.urls : [];
}

function hostOf(url: string): string | undefined {
  return parseUrl(url)?.host;
}

/** A key set that is sent as something else than JSON. It is read all the same, and other libraries may not do so. */
function contentTypeFindings(jwksUri: string | undefined, exchanges: Exchanges, subject: FindingSubject): Finding[] {
  const type = exchanges.of(jwksUri)?.contentType;
  return type === undefined || isJsonType(type)
    ? []
    : [
        finding(
          'key_set_content_type',
          subject,
          `the key set at ${jwksUri} has the content type ${quote(type)}, and is read because its content is a key set`,
          'nothing has to change here. Other libraries may want application/jwk-set+json (RFC 7517 section 8.5.2)',
        ),
      ];
}
