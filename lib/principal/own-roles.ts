import type { NamesReader } from '../client/client';
import type { RoleHierarchy, RoleImplications } from './role-hierarchy';

/** How what a provider calls roles becomes the roles of the application. */
export interface OwnRoles {
  /** To the provider's name of a role the application's, or several; absent where they are called alike. */
  readonly mapping: RoleImplications | undefined;
  /** Whether roles that the mapping does not list are kept. */
  readonly keepUnmapped: boolean;
  /** What the client has as such, by the application's names. */
  readonly granted: readonly string[];
  readonly hierarchy: RoleHierarchy;
}

/**
 * Reads the application's roles: those of the token under the application's names, those granted to the client, and all
 * that these imply.
 *
 * @internal
 */
export function readerOfOwnRoles(
  readRoles: NamesReader,
  { mapping, keepUnmapped, granted, hierarchy }: OwnRoles,
): NamesReader {
  // A map: the names looked up come from tokens.
  const names = mapping && new Map(Object.entries(mapping).map(([role, own]) => [role, [own].flat()]));
  const rename = (role: string): readonly string[] => names?.get(role) ?? (names && !keepUnmapped ? [] : [role]);
  return (claims, audiences) => hierarchy.expand([...readRoles(claims, audiences).flatMap(rename), ...granted]);
}
