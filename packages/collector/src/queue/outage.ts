// https://www.sqlite.org/rescode.html: what an event or a bug can be to blame for. All the others are the disk's, the memory's or a lock's.
const SQLITE_ERROR = 1
const SQLITE_TOOBIG = 18
const SQLITE_CONSTRAINT = 19
const SQLITE_MISMATCH = 20
const SQLITE_RANGE = 25
const NO_OUTAGES = new Set([SQLITE_ERROR, SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE])

/** Whether a database fails whatever it is given: it is to be tried again, with the same. */
export function isOutage(error: unknown): boolean {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown }
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' && !NO_OUTAGES.has(errcode & 0xff)
}
