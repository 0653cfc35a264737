import type { Client } from '../core/client/client';
import { environmentOf, type Environment } from '../core/environment';
import { isLoopback, parseUrl } from '../core/url';
import { finding, type Finding } from './finding';
import type { IssuerExamination } from './examine-issuer';
import { quote } from '../issuer/quote';

/** Something with a name that may say which environment it belongs to. */
interface Named {
  readonly what: string;
  /** The name without what says the environment, to find its twin in another environment. */
  readonly stem: string;
  readonly environment: Environment | undefined;
}

/** Findings where names of several environments are in one configuration, or names of another one than production in production. */
export function environmentFindings(
  issuers: readonly IssuerExamination[],
  clients: readonly Client[],
  isProduction: boolean,
): Finding[] {
  const named = [
    ...issuers.map(({ label }) => ofIssuer(label)),
    // A client of several tenants counts once.
    ...[...new Map(clients.map(({ name, audiences }) => [name, audiences]))].flatMap(([name, audiences]) =>
      [...audiences].map((audience) => ofAudience(name, audience)),
    ),
  ];
  return [...mixFindings(named), ...(isProduction ? productionFindings(issuers, named) : [])];
}

function ofIssuer(label: string): Named {
  const what = `issuer ${label}`;
  const url = parseUrl(label);
  if (url === undefined) {
    return { what, stem: label, environment: undefined };
  }
  // RFC 6761 section 6.3: these names are this machine.
  if (isLoopback(url) || url.hostname.endsWith('.localhost')) {
    return { what, stem: label, environment: 'local' };
  }
  // The last label of a host is a registry's: .dev is one.
  const labels = url.hostname.split('.');
  const parts = [...labels.slice(0, -1), ...url.pathname.split('/')];
  const words = parts.flatMap((part) => outerWords(part.split('-')));
  const word = words.find((candidate) => environmentOf(candidate) !== undefined);
  const stem = [...labels, ...url.pathname.split('/')]
    .map((part) => part.split('-').filter((piece) => piece !== word))
    .filter((pieces) => pieces.length > 0)
    .map((pieces) => pieces.join('-'))
    .join('/');
  return { what, stem, environment: word === undefined ? undefined : environmentOf(word) };
}

function ofAudience(client: string, audience: string): Named {
  const pieces = audience.toLowerCase().split(/[-_.:/]/);
  const environment = pieces.length > 1 ? environmentOf(pieces.at(-1) ?? '') : undefined;
  const stem = (environment === undefined ? pieces : pieces.slice(0, -1)).join('-');
  return { what: `audience ${quote(audience)} of client ${quote(client)}`, stem, environment };
}

function outerWords(pieces: readonly string[]): string[] {
  return [pieces.at(0), pieces.at(-1)].flatMap((piece) => (piece === undefined ? [] : [piece.toLowerCase()]));
}

function mixFindings(named: readonly Named[]): Finding[] {
  const groups = new Map<string, string[]>();
  const add = (environment: string, { what }: Named): void => {
    groups.set(environment, [...(groups.get(environment) ?? []), what]);
  };
  for (const one of named) {
    // A name without a word is taken for production if its twin has one, and for elsewhere if another issuer is on this machine.
    const isTwin = named.some((other) => other.environment !== undefined && other.stem === one.stem);
    const isElsewhere = one.what.startsWith('issuer ') && named.some(({ environment }) => environment === 'local');
    const environment = one.environment ?? (isTwin ? 'production' : isElsewhere ? 'elsewhere' : undefined);
    if (environment !== undefined) {
      add(environment, one.environment === undefined ? { ...one, what: `${one.what}, which names none` } : one);
    }
  }
  return !isMixed(new Set(groups.keys()))
    ? []
    : [
        finding(
          'environments_mixed',
          {},
          `names of different environments are together: ${[...groups]
            .map(([environment, whats]) => `${environment} (${whats.join(', ')})`)
            .join('; ')}`,
          'give each environment its own configuration, so that users of one are not accepted in another',
        ),
      ];
}

/** A provider on this machine may be used with development and test, and not with production. */
function isMixed(environments: ReadonlySet<string>): boolean {
  const isLocal = environments.has('local');
  const others = environments.size - Number(isLocal);
  return others > 1 || (isLocal && (environments.has('production') || environments.has('elsewhere')));
}

function productionFindings(issuers: readonly IssuerExamination[], named: readonly Named[]): Finding[] {
  const findings: Finding[] = [];
  for (const { label, keys } of issuers) {
    if (ofIssuer(label).environment === 'local') {
      findings.push(
        finding(
          'local_issuer_in_production',
          { issuer: label },
          'its host is this machine, and NODE_ENV is "production"',
          'give the issuer of production; if it is reached through this machine, give that URL as discoveryUrl',
        ),
      );
    }
    const ids = keys?.flatMap(({ keyId }) => (keyId !== undefined && isTestKeyId(keyId) ? [quote(keyId)] : [])) ?? [];
    if (ids.length > 0) {
      findings.push(strayed(`the kid ${ids.join(', ')} of issuer ${label}`));
    }
  }
  const others = named.filter(({ environment }) => environment === 'development' || environment === 'test');
  return [...findings, ...others.map(({ what }) => strayed(what))];
}

function strayed(what: string): Finding {
  return finding(
    'test_environment_in_production',
    {},
    `${what} looks like one for development or tests, and NODE_ENV is "production"`,
    'configure the one for production; if this is the one for production, ignore this warning',
  );
}

function isTestKeyId(keyId: string): boolean {
  const pieces = keyId.toLowerCase().split(/[^a-z0-9]+/);
  // cognito-local signs with one published key of this name.
  return (
    keyId === 'CognitoLocal' ||
    outerWords(pieces).some((word) => ['development', 'test'].includes(environmentOf(word) ?? ''))
  );
}
