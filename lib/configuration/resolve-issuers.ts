import { isDeepStrictEqual } from 'node:util';
import type { IssuerConfiguration, KeySource } from '../core/client/client';
import type { Faults } from './configuration-error';
import { usesKeySet } from './build-client';
import { introspectionOf } from './introspection-fields';
import { PLACES } from './inherit';
import type { OidcClientOptions } from './options';
import { KeySet } from '../core/key/key-set';
import type { Steps } from '../core/steps';
import { discoveryUrlsOf, issuersOf } from '../core/url';

/** How the documents of a source are read and fetched: clients that name the same source must not disagree on it. */
const SOURCE_FIELDS = ['discoveryIssuer', 'jwksUriOrigin', 'fetchHeaders', 'dispatcher', 'introspection'] as const;

/** What clients of one source of keys say of it. */
type SourceField = (typeof PLACES)[number] | (typeof SOURCE_FIELDS)[number];

/** A client that is free of faults by itself, with what it inherits. */
export interface CheckedClient {
  readonly label: string;
  readonly options: OidcClientOptions;
}

/**
 * One issuer object for all clients of one issuer and one source of keys. Issuers are keyed by their exact string; a client that gives a
 * discovery URL alone joins the issuer that another client names and that the URL stands for.
 */
export function* resolveIssuers(
  clients: readonly CheckedClient[],
  faults: Faults,
): Steps<ReadonlyMap<OidcClientOptions, IssuerConfiguration>> {
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
    yield;
  }
  const named = new Set(groups.keys());
  for (const client of clients) {
    const { issuer, discoveryUrl } = client.options;
    const forms = issuer === undefined && discoveryUrl !== undefined ? issuersOf(discoveryUrl) : undefined;
    yield;
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
    const issuer = group.find(({ options }) => options.issuer !== undefined)?.options.issuer;
    // The issuer is asked about all its tokens alike, whatever the source of the keys.
    const introspection = yield* statedOnce('introspection', group, faults);
    for (const source of yield* sourcesOf(group, issuer, faults)) {
      const resolved = yield* resolveSource(source, issuer, faults);
      const configuration = introspection ? { ...resolved, introspection: introspectionOf(introspection) } : resolved;
      for (const { options } of source) {
        issuers.set(options, configuration);
        yield;
      }
      yield;
    }
  }
  return issuers;
}

/** The clients of one issuer by the source of keys that they name. A client that names none uses the one that others name. */
function* sourcesOf(
  group: readonly CheckedClient[],
  issuer: string | undefined,
  faults: Faults,
): Steps<readonly (readonly CheckedClient[])[]> {
  const sources = new Map<string, CheckedClient[]>();
  const silent: CheckedClient[] = [];
  for (const client of group) {
    const place = placeOf(client.options);
    if (place === undefined) {
      silent.push(client);
    } else {
      const ofSource = sources.get(place);
      if (ofSource === undefined) {
        sources.set(place, [client]);
      } else {
        ofSource.push(client);
      }
    }
    yield;
  }
  const [first = [], second, ...others] = sources.values();
  if (second === undefined) {
    return [[...first, ...silent]];
  }
  if (issuer === undefined) {
    faults.add(
      second[0]?.label,
      'issuer',
      `is missing: client ${first[0]?.label} of the same issuer names another source of keys`,
      'give the exact "iss" of its tokens as issuer, or name the same source',
    );
  }
  // Without keys of its own, it makes no difference which source a client with a secret belongs to.
  for (const { label } of silent.filter(({ options }) => usesKeySet(options))) {
    faults.add(
      label,
      'discoveryUrl',
      `is missing: clients ${first[0]?.label} and ${second[0]?.label} of the same issuer name different sources of keys`,
      'say where the keys of this client are, by discoveryUrl, jwksUri, jwks or publicKey',
    );
  }
  return [[...first, ...silent], second, ...others];
}

/** The source of keys that a client names, as text that is the same for the same source; undefined where it names none. */
function placeOf(options: OidcClientOptions): string | undefined {
  const place = PLACES.find((field) => options[field] !== undefined);
  return place && JSON.stringify([place, asJson(options[place])]);
}

function* resolveSource(
  group: readonly CheckedClient[],
  issuer: string | undefined,
  faults: Faults,
): Steps<IssuerConfiguration> {
  const stated = {
    discoveryUrl: yield* statedOnce('discoveryUrl', group, faults),
    jwksUri: yield* statedOnce('jwksUri', group, faults),
    jwks: yield* statedOnce('jwks', group, faults),
    publicKey: yield* statedOnce('publicKey', group, faults),
    jwksUriOrigin: yield* statedOnce('jwksUriOrigin', group, faults),
    discoveryIssuer: yield* statedOnce('discoveryIssuer', group, faults),
    fetchHeaders: yield* statedOnce('fetchHeaders', group, faults),
    dispatcher: yield* statedOnce('dispatcher', group, faults),
  };
  const isDiscovered = PLACES.every((place) => place === 'discoveryUrl' || stated[place] === undefined);
  for (const field of ['discoveryIssuer', 'jwksUriOrigin'] as const) {
    if (stated[field] !== undefined && !isDiscovered) {
      const label = group.find(({ options }) => options[field] !== undefined)?.label;
      faults.add(label, field, 'is of no use: another client of the issuer says where its keys are', 'leave it out');
    }
  }
  // The clients that say where the keys are say how they may be fetched. A client that does not inherits that too.
  const sayingWhere = group.filter(({ options }) =>
    [...PLACES, 'jwksUriOrigin' as const].some((place) => options[place] !== undefined),
  );
  const forms = issuer === undefined && stated.discoveryUrl !== undefined ? issuersOf(stated.discoveryUrl) : undefined;
  const { fetchHeaders, dispatcher } = stated;
  return {
    issuer,
    possibleIssuers: issuer === undefined ? (forms ?? []) : [issuer],
    keySource: keySourceOf(stated, issuer, group),
    allowInsecureHttp: (sayingWhere.length > 0 ? sayingWhere : group).every(
      ({ options }) => options.allowInsecureHttp === true,
    ),
    ...(fetchHeaders !== undefined && { fetchHeaders }),
    ...(dispatcher !== undefined && { dispatcher }),
  };
}

/** What the clients of one source say of it: nothing, or one thing. Where they disagree, that is a fault. */
function* statedOnce<Field extends SourceField>(
  field: Field,
  group: readonly CheckedClient[],
  faults: Faults,
): Steps<OidcClientOptions[Field]> {
  let first: CheckedClient | undefined;
  for (const other of group) {
    if (group.length > 1) {
      yield;
    }
    if (other.options[field] === undefined) {
      continue;
    }
    first ??= other;
    if (other !== first && !isSame(other.options[field], first?.options[field])) {
      faults.add(
        other.label,
        field,
        `differs from that of client ${first?.label}, which has the same source of keys`,
        'give the same, or leave it out to inherit',
      );
    }
  }
  return first?.options[field];
}

/** Functions and dispatchers are the same only if they are one. */
function isSame(one: unknown, other: unknown): boolean {
  const isOpaque = typeof one === 'function' || (typeof one === 'object' && one !== null && 'dispatch' in one);
  return isOpaque ? one === other : isDeepStrictEqual(asJson(one), asJson(other));
}

/** A value as JSON has it: two key sets are alike if they say the same, whatever made them. */
function asJson(value: unknown): unknown {
  // One text is the same as a list of that one.
  return value === undefined ? undefined : JSON.parse(JSON.stringify([value].flat()));
}

function keySourceOf(
  stated: Pick<OidcClientOptions, SourceField>,
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
  const needsKeys = group.some(({ options }) => usesKeySet(options));
  return issuer !== undefined && needsKeys
    ? {
        kind: 'discovery',
        urls: discoveryUrlsOf(issuer),
        documentIssuer: stated.discoveryIssuer ?? issuer,
        jwksUriOrigin,
      }
    : { kind: 'none' };
}
