/** What a document says of clients and rules: less of it, where more people read it than should know. */
export interface OidcSecurityOptions {
  /**
   * The clients that the document names, each by a security scheme of its own; names that are not configured are ignored. The
   * others are not named: they share one scheme, `bearer`. Default: every client is named.
   */
  readonly clients?: readonly string[];
  /**
   * Whether the scheme of a client says where the discovery document of its issuer is: the public place below the issuer,
   * never the URL that this application asks. Default: true.
   */
  readonly discovery?: boolean;
  /** Whether operations say which roles they ask for, as `x-required-roles` and in words. Default: true. */
  readonly roles?: boolean;
}
