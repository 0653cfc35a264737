import type { NamesReader } from '../client/client';
import type { RoleHierarchy, RoleImplications } from './role-hierarchy';

/** How what a provider calls roles becomes the roles of the application. */
export interface OwnRoles {
  /** To the provider's name of a role the application's, or several; absent where they are called alike. */
  readonly mapping: RoleImplications | undefined;
  /** Whether roles that the mapping does not list are kept. */
  readonly keepUnmapped: boolean;
}

/** Adds to roles, by the application's names, what the client has as such, and all that these imply. */
export type RoleCompletion = (roles: readonly string[]) => string[];

/** @param granted what the client has as such. */
export function completionOf(granted: readonly string[], hierarchy: RoleHierarchy): RoleCompletion {
  return (roles) => hierarchy.expand(granted.length === 0 ? roles : [...roles, ...granted]);
}

/**
 * Reads the application's roles: those of the token under the application's names, those granted to the client, and all
 * that these imply.
 *
 * @internal
 */
export function readerOfOwnRoles(
  readRoles: NamesReader,
  { mapping, keepUnmapped }: OwnRoles,
  complete: RoleCompletion,
): NamesReader {
  // A map: the names looked up come from tokens.
  const names = mapping && new Map(Object.entries(mapping).map(([role, own]) => [role, [own].flat()]));
  if (names === undefined) {
    return (claims, audiences) => complete(readRoles(claims, audiences));
  }
  const rename = (role: string): readonly string[] => names.get(role) ?? (keepUnmapped ? [role] : []);
  return (claims, audiences) => complete(readRoles(claims, audiences).flatMap(rename));
}
