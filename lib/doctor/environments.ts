import type { Client } from '../core/client/client';
import { isLoopback, parseUrl } from '../core/url';
import { finding, type Finding } from './finding';
import type { IssuerExamination } from './examine-issuer';
import { quote } from '../issuer/quote';

type Environment = 'local' | 'development' | 'test' | 'production';

const WORDS: ReadonlyMap<string, Environment> = new Map([
  ...['dev', 'develop', 'development'].map((word) => [word, 'development'] as const),
  ...['test', 'tst', 'testing', 'qa', 'uat', 'stage', 'staging', 'stg', 'sandbox', 'preprod'].map(
    (word) => [word, 'test'] as const,
  ),
  ...['prod', 'prd', 'production'].map((word) => [word, 'production'] as const),
]);

/** Something with a name that may say which environment it belongs to. */
interface Named {
  readonly what: string;
  /** The name without what says the environment, to find its twin in another environment. */
  readonly stem: string;
  readonly environment: Environment | undefined;
}

/** Signs that what belongs to different environments, or to the wrong one, has come together. */
export function environmentFindings(
  issuers: readonly IssuerExamination[],
  clients: readonly Client[],
  isProduction: boolean,
): Finding[] {
  const named = [
    ...issuers.map(({ label }) => ofIssuer(label)),
    // A client of several tenants is one by its audiences.
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
  // The last part of a host is no word but a registry's: .dev is one.
  const labels = url.hostname.split('.');
  const parts = [...labels.slice(0, -1), ...url.pathname.split('/')];
  const words = parts.flatMap((part) => outerWords(part.split('-')));
  const word = words.find((candidate) => WORDS.has(candidate));
  const stem = [...labels, ...url.pathname.split('/')]
    .map((part) => part.split('-').filter((piece) => piece !== word))
    .filter((pieces) => pieces.length > 0)
    .map((pieces) => pieces.join('-'))
    .join('/');
  return { what, stem, environment: word === undefined ? undefined : WORDS.get(word) };
}

function ofAudience(client: string, audience: string): Named {
  const pieces = audience.toLowerCase().split(/[-_.:/]/);
  const environment = pieces.length > 1 ? WORDS.get(pieces.at(-1) ?? '') : undefined;
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
    // What says nothing is the production of its twin that does, and something else than this machine.
    const isTwin = named.some((other) => other.environment !== undefined && other.stem === one.stem);
    const isElsewhere = one.what.startsWith('issuer ') && named.some(({ environment }) => environment === 'local');
    const environment = one.environment ?? (isTwin ? 'production' : isElsewhere ? 'elsewhere' : undefined);
    if (environment !== undefined) {
      add(environment, one);
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
          'give each environment a configuration of its own, so that no test user is let into another',
        ),
      ];
}

/** A provider on this machine goes with anything but production: that is how one develops and tests. */
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
          'it is on this machine, and NODE_ENV is "production"',
          "give the production's issuer; where it is only reached through this machine, give that as discoveryUrl",
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
    'give what belongs to production, or rename what does',
  );
}

function isTestKeyId(keyId: string): boolean {
  const pieces = keyId.toLowerCase().split(/[^a-z0-9]+/);
  // cognito-local signs with one published key of this name.
  return (
    keyId === 'CognitoLocal' ||
    outerWords(pieces).some((word) => ['development', 'test'].includes(WORDS.get(word) ?? ''))
  );
}
