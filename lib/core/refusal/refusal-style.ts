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
}

/**
 * The default style.
 *
 * @internal
 */
export const DEFAULT_STYLE: RefusalStyle = { realm: 'api', detail: 'description' };
