/** How long a key set may be fresh, in seconds. */
export const FRESH_FOR = { minimum: 1, maximum: 86_400 } as const;

/** The shortest interval between fetches of one issuer, in seconds, once the first few are used up. */
export const SECONDS_PER_FETCH = 10;

/** How much memory remembered tokens may take, in bytes. */
export const CACHE_BYTES = { minimum: 65_536, maximum: 1_073_741_824, default: 33_554_432 } as const;

/** How much memory used proofs of possession may take, in bytes. */
export const REPLAY_BYTES = { minimum: 262_144, maximum: 4_294_967_296, default: 67_108_864 } as const;
