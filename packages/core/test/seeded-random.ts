/** A repeatable source of chance; print the seed when a property fails. */
export function seededRandom(seed = Date.now() >>> 0): { random: (below: number) => number; seed: number } {
  let state = seed
  // mulberry32
  const random = (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
  return { random, seed }
}
