/** The settings that together say where an issuer's keys are. */
interface KeyPlace {
  readonly issuer?: string | undefined;
  readonly discoveryUrl?: string | undefined;
  readonly discoveryIssuer?: string | undefined;
  readonly jwksUri?: string | undefined;
  readonly jwks?: unknown;
}

const PLACES = ['discoveryUrl', 'jwksUri', 'jwks'] as const;

/**
 * What a client says, and from `base` all that it leaves open. Settings about where keys are go together: a client that
 * says where its own issuer's keys are does not mix that with what `base` says of another issuer.
 */
export function inherit<Base extends KeyPlace, Own extends KeyPlace>(own: Own, base: Base): Own & Base {
  const inherited: { -readonly [K in keyof KeyPlace]: KeyPlace[K] } = { ...base };
  const saysWhere = PLACES.some((place) => own[place] !== undefined);
  const sameDocument = own.discoveryUrl !== undefined && own.discoveryUrl === base.discoveryUrl;
  const anotherIssuer = own.issuer !== undefined && base.issuer !== undefined && own.issuer !== base.issuer;
  if ((saysWhere && !sameDocument) || anotherIssuer) {
    for (const place of [...PLACES, 'discoveryIssuer' as const]) {
      delete inherited[place];
    }
  }
  if (own.discoveryUrl !== undefined && !sameDocument && PLACES.some((place) => base[place] !== undefined)) {
    delete inherited.issuer;
  }
  return { ...inherited, ...withoutUndefined(own) } as Own & Base;
}

function withoutUndefined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
}
