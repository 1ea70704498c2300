/**
 * 53 bits of a text, for counting and for look-ups that bear a rare mistake: two lanes of multiply and xor, each mixed to the end.
 * Nothing may depend on them that somebody gains by forging.
 */
export function hashText(text: string): number {
  let high = 0x9e3779b9
  let low = 0x85ebca6b
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    high = Math.imul(high ^ unit, 0x5bd1e995)
    low = Math.imul(low ^ unit, 0x27d4eb2f)
  }
  high = mix(high ^ (low >>> 15))
  low = mix(low ^ high)
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0)
}

// The finaliser of MurmurHash3: every bit of the input moves every bit of the result.
function mix(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
