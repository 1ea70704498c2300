const QUOTE = 0x22
const BACKSLASH = 0x5c
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]
const MAX_DEPTH = 500
/** What is shorter cannot be deep enough to hurt, and a usual batch is shorter: the look would be a sixth of its cost. */
const HARMLESS_BYTES = 524_288

/**
 * Are objects and arrays of this JSON inside each other as no error ever is? JSON.parse takes seconds, and half a gigabyte, for ten
 * megabytes of brackets.
 */
export function isTooDeep(bytes: Uint8Array): boolean {
  if (bytes.length <= HARMLESS_BYTES) return false
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE) at = endOfString(bytes, at + 1)
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--
    if (depth > MAX_DEPTH) return true
  }
  return false
}

function endOfString(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}
