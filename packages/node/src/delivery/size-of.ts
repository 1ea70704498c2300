const OBJECT_BYTES = 56
const MAX_DEPTH = 12

/** About how many bytes plain data holds in memory. Text counts one byte a character, as V8 keeps what is Latin-1. */
export function sizeOf(value: unknown, depth = 0): number {
  if (typeof value === 'string') return 16 + value.length
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return 8
  let bytes = OBJECT_BYTES
  if (Array.isArray(value)) for (const item of value) bytes += sizeOf(item, depth + 1)
  else for (const name in value) bytes += 16 + sizeOf((value as Record<string, unknown>)[name], depth + 1)
  return bytes
}
