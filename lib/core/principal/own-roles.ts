import type { NamesReader } from '../client/client';
import type { RoleHierarchy, RoleImplications } from './role-hierarchy';

/** How roles of the provider become roles of the application. */
export interface OwnRoles {
  /** From the provider's name of a role to the application's name, or several; absent if the names are the same. */
  readonly mapping: RoleImplications | undefined;
  /** Whether roles that the mapping does not list are kept. */
  readonly keepUnmapped: boolean;
}

/** Adds the roles that the client is granted, and all that are implied. */
export type RoleCompletion = (roles: readonly string[]) => string[];

/** @param granted the roles that the client is granted. */
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
  // A map, because the names looked up come from tokens.
  const names = mapping && new Map(Object.entries(mapping).map(([role, own]) => [role, [own].flat()]));
  if (names === undefined) {
    return (claims, audiences) => complete(readRoles(claims, audiences));
  }
  const rename = (role: string): readonly string[] => names.get(role) ?? (keepUnmapped ? [role] : []);
  return (claims, audiences) => complete(readRoles(claims, audiences).flatMap(rename));
}
