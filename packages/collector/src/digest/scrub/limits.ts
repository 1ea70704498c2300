/** Paths that an event lists. */
export const MAX_PATHS = 200
/** More than an event may have (100). What lies deeper cannot be looked through, so it goes. */
export const MAX_DEPTH = 120
