/** Characters allowed in a `realm`: printable ASCII. */
export const REALM: RegExp = /^[\x20-\x7E]+$/;

/** Characters allowed in an `error_description` (RFC 6750 section 3). */
export const ERROR_DESCRIPTION: RegExp = /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/;

/** A scope token (RFC 6749 section 3.3), as the `scope` attribute allows it (RFC 6750 section 3). */
export const SCOPE_TOKEN: RegExp = /^[\x21\x23-\x5B\x5D-\x7E]+$/;
