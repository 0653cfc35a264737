/** How long a key set may be fresh, in seconds: no shorter than fetches are permitted one after the other. */
export const FRESH_FOR = { minimum: 10, maximum: 86_400 } as const;
