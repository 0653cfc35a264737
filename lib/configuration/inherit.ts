import { issuersOf } from '../core/url';

/** The settings that together say where an issuer's keys are. */
interface KeyPlace {
  readonly issuer?: string | undefined;
  readonly discoveryUrl?: string | undefined;
  readonly discoveryIssuer?: string | undefined;
  readonly jwksUri?: string | undefined;
  readonly jwks?: unknown;
  readonly publicKey?: unknown;
  readonly jwksUriOrigin?: string | undefined;
  readonly fetchHeaders?: unknown;
  readonly introspection?: unknown;
  readonly tenants?: unknown;
}

/** The ways to say where an issuer's keys are. */
export const PLACES = ['discoveryUrl', 'jwksUri', 'jwks', 'publicKey'] as const;

/**
 * What a client says, and from `base` all that it leaves open. Settings about an issuer go together: a client that has a
 * document or an issuer of its own does not mix that with what `base` says of another. Mixed, the keys of one issuer
 * would be looked for at the other, by this client and by every other client of the same issuer.
 */
export function inherit<Base extends KeyPlace, Own extends KeyPlace>(own: Own, base: Base): Own & Base {
  const inherited: { -readonly [K in keyof KeyPlace]: KeyPlace[K] } = { ...base };
  const saysWhere = PLACES.some((place) => own[place] !== undefined);
  const sameDocument = own.discoveryUrl !== undefined && own.discoveryUrl === base.discoveryUrl;
  const anotherIssuer = own.issuer !== undefined && base.issuer !== undefined && own.issuer !== base.issuer;
  if ((saysWhere && !sameDocument) || anotherIssuer) {
    // What says how a document is read goes with the document it was said of, or with any if it was said of none.
    const isOfAnother =
      anotherIssuer ||
      own.discoveryUrl === undefined ||
      PLACES.some((place) => base[place] !== undefined) ||
      (own.issuer === undefined && base.issuer !== undefined && !standsFor(own.discoveryUrl, base.issuer));
    if (anotherIssuer) {
      delete inherited.tenants;
    }
    for (const field of [
      ...PLACES,
      ...(isOfAnother ? (['discoveryIssuer', 'jwksUriOrigin', 'fetchHeaders', 'introspection'] as const) : []),
    ]) {
      delete inherited[field];
    }
  }
  if (own.discoveryUrl !== undefined && !sameDocument && !standsFor(own.discoveryUrl, base.issuer)) {
    delete inherited.issuer;
    delete inherited.tenants;
  }
  return { ...inherited, ...withoutUndefined(own) } as Own & Base;
}

function standsFor(discoveryUrl: unknown, issuer: unknown): boolean {
  return typeof discoveryUrl === 'string' && issuersOf(discoveryUrl)?.some((form) => form === issuer) === true;
}

function withoutUndefined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
}
