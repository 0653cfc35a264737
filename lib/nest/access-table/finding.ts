/**
 * What is wrong, or doubtful, about the access to a handler:
 *
 * - `unguarded`: no guard that is known to authenticate stands before it, and it does not say that it is public;
 * - `unenforced`: it has access decorators that no guard before it enforces;
 * - `unknown_context`: it has access decorators, and whether guards run before it is not known;
 * - `uninjected_guard`: a guard of this library before it was made by `new`, so it has no configuration;
 * - `outside_router`: a route that Nest's router does not know, so that no guard can stand before it;
 * - `always_refused`: it has a rule, and nothing before `RolesGuard` establishes who calls;
 * - `contradiction`: decorators contradict each other, or a guard, so that one of them has no effect;
 * - `undeclared`: it does not say who may call it, and `requireExplicitAccess` asks for it;
 * - `missing_policy`: a class in `@Authorize()` that no module provides;
 * - `ambiguous_policy`: one that several modules provide, and nothing says which is meant;
 * - `unknown_client`: it is for a client that is not configured.
 */
export type AccessFindingCode =
  | 'unguarded'
  | 'unenforced'
  | 'unknown_context'
  | 'uninjected_guard'
  | 'outside_router'
  | 'always_refused'
  | 'contradiction'
  | 'undeclared'
  | 'missing_policy'
  | 'ambiguous_policy'
  | 'unknown_client';

/** One thing that is wrong or doubtful about the access to a handler. */
export interface AccessFinding {
  readonly code: AccessFindingCode;
  /** What is wrong, as what follows the name of the handler in a sentence. */
  readonly problem: string;
  /** What would be right. */
  readonly remedy: string;
}
