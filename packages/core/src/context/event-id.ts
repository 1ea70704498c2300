const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const POOL_BYTES = 2048
const ID_BYTES = 10
/** A clock that was set back further than this is followed. */
const CLOCK_STEP_MS = 10_000

const pool = new Uint8Array(POOL_BYTES)
let used = POOL_BYTES
let lastMs = -1
let counter = 0
let prefix = ''

/**
 * A new event id: a UUIDv7 in lower case, greater than the one before it in this process.
 * @param now milliseconds since 1970
 * @see RFC 9562 §5.7 and §6.2, method 1: the twelve bits after the version count within a millisecond
 */
export function newEventId(now = Date.now()): string {
  if (used + ID_BYTES > POOL_BYTES) {
    globalThis.crypto.getRandomValues(pool)
    used = 0
  }
  const at = used
  used += ID_BYTES
  advance(Math.trunc(now), ((byteAt(at + 8) << 8) | byteAt(at + 9)) & 0x7ff)
  const count = hexAt(counter >> 8) + hexAt(counter & 0xff)
  const variant = hexAt(0x80 | (byteAt(at) & 0x3f)) + hexAt(byteAt(at + 1))
  return `${prefix}7${count.slice(1)}-${variant}-${tail(at + 2)}`
}

// The counter starts in the lower half of its range, so that at least 2 048 ids fit into each millisecond.
function advance(ms: number, seed: number): void {
  if (ms > lastMs || ms < lastMs - CLOCK_STEP_MS) start(ms, seed)
  else if (++counter > 0xfff) start(lastMs + 1, seed)
}

function start(ms: number, seed: number): void {
  lastMs = ms
  counter = seed
  const hex = lastMs.toString(16).padStart(12, '0')
  prefix = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-`
}

function tail(at: number): string {
  return twoHexAt(at) + twoHexAt(at + 2) + twoHexAt(at + 4)
}

function twoHexAt(at: number): string {
  return hexAt(byteAt(at)) + hexAt(byteAt(at + 1))
}

function hexAt(byte: number): string {
  return HEX[byte] as string
}

function byteAt(at: number): number {
  return pool[at] as number
}
