import { isDeepStrictEqual } from 'node:util';
import type { IssuerConfiguration, KeySource } from '../core/client/client';
import type { Faults } from './configuration-error';
import { PLACES } from './inherit';
import type { OidcClientOptions } from './options';
import { KeySet } from '../core/key/key-set';
import { discoveryUrlsOf, issuersOf } from '../core/url';

/** What clients of one issuer say of it, and must not disagree on. */
type IssuerField = 'discoveryUrl' | 'jwksUri' | 'jwks' | 'publicKey' | 'discoveryIssuer' | 'jwksUriOrigin';

/** A client that is free of faults by itself, with what it inherits. */
export interface CheckedClient {
  readonly label: string;
  readonly options: OidcClientOptions;
}

/**
 * One issuer object for all clients of one issuer. Issuers are keyed by their exact string; a client that gives a
 * discovery URL alone joins the issuer that another client names and that the URL stands for.
 */
export function resolveIssuers(
  clients: readonly CheckedClient[],
  faults: Faults,
): ReadonlyMap<OidcClientOptions, IssuerConfiguration> {
  const groups = new Map<string, CheckedClient[]>();
  const join = (key: string, client: CheckedClient): void => {
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [client]);
    } else {
      group.push(client);
    }
  };
  for (const client of clients) {
    if (client.options.issuer !== undefined) {
      join(client.options.issuer, client);
    }
  }
  const named = new Set(groups.keys());
  for (const client of clients) {
    const { issuer, discoveryUrl } = client.options;
    const forms = issuer === undefined && discoveryUrl !== undefined ? issuersOf(discoveryUrl) : undefined;
    if (forms === undefined) {
      continue;
    }
    const meant = forms.filter((form) => named.has(form));
    if (meant.length > 1) {
      faults.add(
        client.label,
        'discoveryUrl',
        'could stand for either of two configured issuers that differ by a final slash',
        'give the exact "iss" of its tokens as issuer',
      );
    }
    join(meant[0] ?? forms[0], client);
  }

  const issuers = new Map<OidcClientOptions, IssuerConfiguration>();
  for (const group of groups.values()) {
    const configuration = resolveIssuer(group, faults);
    for (const { options } of group) {
      issuers.set(options, configuration);
    }
  }
  return issuers;
}

function resolveIssuer(group: readonly CheckedClient[], faults: Faults): IssuerConfiguration {
  const stated = {
    discoveryUrl: statedOnce('discoveryUrl', group, faults),
    jwksUri: statedOnce('jwksUri', group, faults),
    jwks: statedOnce('jwks', group, faults),
    publicKey: statedOnce('publicKey', group, faults),
    jwksUriOrigin: statedOnce('jwksUriOrigin', group, faults),
    discoveryIssuer: statedOnce('discoveryIssuer', group, faults),
  };
  const places = PLACES.filter((place) => stated[place] !== undefined);
  if (places.length > 1) {
    const labels = places.map((place) => group.find(({ options }) => options[place] !== undefined)?.label);
    faults.add(
      labels[1],
      places[1] ?? '',
      `client ${labels[0]} of the same issuer gives ${places[0]}`,
      'say in one way where the keys of an issuer are, or leave it out to inherit',
    );
  }
  for (const field of ['discoveryIssuer', 'jwksUriOrigin'] as const) {
    if (stated[field] !== undefined && places.some((place) => place !== 'discoveryUrl')) {
      const label = group.find(({ options }) => options[field] !== undefined)?.label;
      faults.add(label, field, 'is of no use: another client of the issuer says where its keys are', 'leave it out');
    }
  }
  // Who says where the keys are says how they may be fetched; who leaves it out inherits that too.
  const sayingWhere = group.filter(({ options }) =>
    [...PLACES, 'jwksUriOrigin' as const].some((place) => options[place] !== undefined),
  );
  const issuer = group.find(({ options }) => options.issuer !== undefined)?.options.issuer;
  const forms = issuer === undefined && stated.discoveryUrl !== undefined ? issuersOf(stated.discoveryUrl) : undefined;
  return {
    issuer,
    possibleIssuers: issuer === undefined ? (forms ?? []) : [issuer],
    keySource: keySourceOf(stated, issuer, group),
    allowInsecureHttp: (sayingWhere.length > 0 ? sayingWhere : group).every(
      ({ options }) => options.allowInsecureHttp === true,
    ),
  };
}

/** What the clients of one issuer say of it: nothing, or one thing; where they disagree, that is a fault. */
function statedOnce<Field extends IssuerField>(
  field: Field,
  group: readonly CheckedClient[],
  faults: Faults,
): OidcClientOptions[Field] {
  const saying = group.filter(({ options }) => options[field] !== undefined);
  const [first] = saying;
  for (const other of saying) {
    if (!isDeepStrictEqual(asJson(other.options[field]), asJson(first?.options[field]))) {
      faults.add(
        other.label,
        field,
        `differs from that of client ${first?.label}, which has the same issuer`,
        'give the same, or leave it out to inherit',
      );
    }
  }
  return first?.options[field];
}

/** A value as JSON has it: two key sets are alike if they say the same, whatever made them. */
function asJson(value: unknown): unknown {
  // One text is the same as a list of that one.
  return value === undefined ? undefined : JSON.parse(JSON.stringify([value].flat()));
}

function keySourceOf(
  stated: Pick<OidcClientOptions, IssuerField>,
  issuer: string | undefined,
  group: readonly CheckedClient[],
): KeySource {
  const { jwksUriOrigin } = stated;
  if (stated.jwks !== undefined) {
    return { kind: 'static', keys: KeySet.fromJwks(stated.jwks.keys), members: stated.jwks.keys };
  }
  if (stated.publicKey !== undefined) {
    return { kind: 'static', keys: KeySet.fromPem([stated.publicKey].flat()) };
  }
  if (stated.jwksUri !== undefined) {
    return { kind: 'jwksUri', url: stated.jwksUri };
  }
  if (stated.discoveryUrl !== undefined) {
    return {
      kind: 'discovery',
      urls: [stated.discoveryUrl],
      documentIssuer: stated.discoveryIssuer ?? issuer,
      jwksUriOrigin,
    };
  }
  const needsKeys = group.some(({ options }) => options.secret === undefined);
  return issuer !== undefined && needsKeys
    ? {
        kind: 'discovery',
        urls: discoveryUrlsOf(issuer),
        documentIssuer: stated.discoveryIssuer ?? issuer,
        jwksUriOrigin,
      }
    : { kind: 'none' };
}
