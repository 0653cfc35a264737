/** What a document says of clients and rules: less of it, where more people read it than should know. */
export interface OidcSecurityOptions {
  /**
   * The clients that the document names. Each gets its own security scheme. All other clients share the scheme `bearer`.
   * Names that are not configured are ignored. Default: all clients.
   */
  readonly clients?: readonly string[];
  /**
   * Whether the scheme of a client has the URL of its issuer's discovery document: the public URL below the issuer, never
   * the URL that this application fetches. Default: true.
   */
  readonly discovery?: boolean;
  /** Whether operations say which roles they ask for, as `x-required-roles` and in words. Default: true. */
  readonly roles?: boolean;
}
