/** How much a refusal says: its code and what to mend, its code alone, or neither. */
export type RefusalDetail = 'none' | 'code' | 'description';

/**
 * How refusals are told.
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
 * How refusals are told unless somebody says otherwise.
 *
 * @internal
 */
export const DEFAULT_STYLE: RefusalStyle = { realm: 'api', detail: 'description' };
