/** A client as far as selection is concerned. */
export interface Shape {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly parties: readonly string[] | undefined;
}

/** Claims, well typed or not; what is absent is not there. */
export type Claims = Readonly<Record<string, unknown>>;

export const ISSUERS = ['https://a.example', 'https://b.example', 'https://c.example'] as const;
export const AUDIENCES = ['A', 'B', 'C'] as const;
const PARTIES = [undefined, ['p'], ['q'], ['p', 'q']] as const;

/** Every client with these audiences. */
export function shapesWith(audiences: readonly (readonly string[])[]): readonly Shape[] {
  return ISSUERS.flatMap((issuer) =>
    audiences.flatMap((some) => PARTIES.map((parties) => ({ issuer, audiences: some, parties }))),
  );
}

/** Every client with one audience. */
export const SHAPES = shapesWith(AUDIENCES.map((audience) => [audience]));

/** Every client with any of the audiences, one or several. */
export const WIDE_SHAPES = shapesWith(subsets(AUDIENCES).filter((some) => some.length > 0));

/** Every choice of so many of these, in no order, the same one any number of times. */
export function combinations<T>(items: readonly T[], count: number): readonly (readonly T[])[] {
  if (count === 0) {
    return [[]];
  }
  return items.flatMap((item, index) => combinations(items.slice(index), count - 1).map((others) => [item, ...others]));
}

/** Every set of these, the empty one first. */
export function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  return items.reduce<readonly (readonly T[])[]>((sets, item) => [...sets, ...sets.map((set) => [...set, item])], [[]]);
}

/** Every order of these. */
export function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  return items.length < 2
    ? [items]
    : items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((others) => [item, ...others]));
}

/**
 * Of configurations that differ by names alone, one: the rule compares strings for equality and does nothing else with
 * them, so that to call issuers, audiences or parties otherwise, in configuration and token alike, changes nothing. The
 * universe of tokens is closed under such renaming, and so what holds for the one and every token holds for all.
 */
export function representatives(configurations: readonly (readonly Shape[])[]): readonly (readonly Shape[])[] {
  const renamings = permutations(ISSUERS).flatMap((issuers) =>
    permutations(AUDIENCES).flatMap((audiences) =>
      permutations(['p', 'q']).map(
        (parties) =>
          new Map([
            ...ISSUERS.map((name, index) => [name, issuers[index] ?? ''] as const),
            ...AUDIENCES.map((name, index) => [name, audiences[index] ?? ''] as const),
            ...['p', 'q'].map((name, index) => [name, parties[index] ?? ''] as const),
          ]),
      ),
    ),
  );
  const chosen = new Map<string, readonly Shape[]>();
  const known = new Set<string>();
  for (const configuration of configurations) {
    const key = keyOf(configuration, new Map());
    if (!known.has(key)) {
      chosen.set(key, configuration);
      for (const renaming of renamings) {
        known.add(keyOf(configuration, renaming));
      }
    }
  }
  return [...chosen.values()];
}

function keyOf(configuration: readonly Shape[], renaming: ReadonlyMap<string, string>): string {
  const rename = (name: string): string => renaming.get(name) ?? name;
  return configuration
    .map(({ issuer, audiences, parties }) =>
      [rename(issuer), audiences.map(rename).sort(), parties?.map(rename).sort() ?? 'any'].join('|'),
    )
    .sort()
    .join('\n');
}

const KNOWN_AND_NOT = [...AUDIENCES, 'X'];

/** What `aud` may be: absent, of the wrong type, a string, an array of none, one or two. */
const AUDS: readonly Claims[] = [
  {},
  { aud: 7 },
  { aud: null },
  { aud: '' },
  { aud: [] },
  ...AUDIENCES.flatMap((audience) => [{ aud: { [audience]: true } }, { aud: [audience, 7] }, { aud: [[audience]] }]),
  ...KNOWN_AND_NOT.flatMap((aud) => [{ aud }, { aud: [aud] }]),
  ...AUDIENCES.flatMap((one) => KNOWN_AND_NOT.map((other) => ({ aud: [one, other] }))),
  ...AUDIENCES.map((audience) => ({ aud: ['X', audience] })),
];

/** What `azp` and `client_id` may be: absent, of the wrong type, a party, a party nobody knows, an audience. */
const PARTY_CLAIMS: readonly Claims[] = [
  {},
  ...['p', 'q', ...AUDIENCES, 7].map((client_id) => ({ client_id })),
  ...['p', 'q', 'r', ...AUDIENCES, null].map((azp) => ({ azp })),
  ...['p', 'q', 'r', null].flatMap((azp) => ['p', 'q'].map((client_id) => ({ azp, client_id }))),
];

/** What `iss` may be that is no issuer: absent, of the wrong type, unknown, known but for a slash. */
const OTHER_ISSUERS: readonly Claims[] = [
  {},
  ...[7, null, '', ['https://a.example'], 'https://x.example', ...ISSUERS.map((issuer) => `${issuer}/`)].map((iss) => ({
    iss,
  })),
];

/** Every token. One whose issuer nobody knows is refused for that, so that few of those do. */
export const TOKENS: readonly Claims[] = [
  ...ISSUERS.flatMap((iss) => AUDS.flatMap((aud) => PARTY_CLAIMS.map((party): Claims => ({ iss, ...aud, ...party })))),
  ...OTHER_ISSUERS.flatMap((iss) =>
    [{}, ...AUDIENCES.map((aud) => ({ aud }))].flatMap((aud) =>
      [{}, { azp: 'p' }, { azp: 'q' }].map((party): Claims => ({ ...iss, ...aud, ...party })),
    ),
  ),
];
