/** The candidate that a misspelt word was meant to be, if one is near enough. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate) }))
    .filter(({ candidate, far }) => far <= mostMistakes(candidate))
    .sort((a, b) => a.far - b.far)
  return best?.candidate
}

/** In a short word two mistakes are as good as another word. */
function mostMistakes(candidate: string): number {
  return Math.max(1, Math.floor(candidate.length / 3))
}

/** Letters to add, to leave out, to change, or neighbours to swap. @see Damerau 1964, https://doi.org/10.1145/363958.363994 */
function distance(a: string, b: string): number {
  // What differs that much in length is never near: a word of 2 000 letters costs nothing.
  if (Math.abs(a.length - b.length) > b.length) return Number.POSITIVE_INFINITY
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let row = 1; row <= a.length; row++) {
    rows.push([row])
    for (let column = 1; column <= b.length; column++) {
      const isEqual = a[row - 1] === b[column - 1]
      const isSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const changed = at(row - 1, column - 1) + (isEqual ? 0 : 1)
      const swapped = isSwapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY
      rows[row]?.push(Math.min(changed, swapped, at(row - 1, column) + 1, at(row, column - 1) + 1))
    }
  }
  return at(a.length, b.length)
}
