/** How much a refusal tells: code and message, the code alone, or neither. */
export type RefusalDetail = 'none' | 'code' | 'description';

/**
 * How refusals are phrased.
 *
 * @internal
 */
export interface RefusalStyle {
  /** The protection space named in challenges (RFC 9110 section 11.5). */
  readonly realm: string;
  readonly detail: RefusalDetail;
  /** URL of the protected resource metadata (RFC 9728 section 5.1). */
  readonly resourceMetadata?: string | undefined;
  /** How challenges speak of DPoP; absent where no proofs are checked. */
  readonly dpop?: DpopStyle | undefined;
}

/**
 * How challenges speak of DPoP (RFC 9449 section 7.1).
 *
 * @internal
 */
export interface DpopStyle {
  /** The algorithms that proofs may be signed with, separated by spaces. */
  readonly algorithms: string;
  /** Whether the scheme Bearer is accepted too. */
  readonly acceptsBearer: boolean;
  /** Whether the request had the scheme DPoP. Its challenge then says what is wrong. */
  readonly isUsed: boolean;
}

/**
 * The default style.
 *
 * @internal
 */
export const DEFAULT_STYLE: RefusalStyle = { realm: 'api', detail: 'description' };
