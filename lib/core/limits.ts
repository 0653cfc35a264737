/** How long a key set may be fresh, in seconds. */
export const FRESH_FOR = { minimum: 1, maximum: 86_400 } as const;

/** How often an issuer is asked for its keys at most, after the first few times: once in so many seconds. */
export const SECONDS_PER_FETCH = 10;

/** How much memory remembered verifications may take, in bytes. */
export const CACHE_BYTES = { minimum: 65_536, maximum: 1_073_741_824, default: 33_554_432 } as const;
