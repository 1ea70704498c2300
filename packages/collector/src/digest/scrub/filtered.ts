/** What core writes in the place of a sensitive value. */
export const FILTERED = '[Filtered]'
