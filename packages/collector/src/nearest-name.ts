/** The known name that was probably meant, if one is near: two slips at most, one in a short name. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name)
  const ranked = known
    .map((one) => ({ one, slips: distance(wanted, plain(one)), most: one.length > 4 ? 2 : 1 }))
    .filter(({ slips, most }) => slips <= most)
  return ranked.sort((a, b) => a.slips - b.slips)[0]?.one
}

/** Case and separators are no slips; what is longer than any of our names is not near one. */
function plain(name: string): string {
  return name.slice(0, 64).toLowerCase().replaceAll(/[-_ ]/g, '')
}

/** Letters to add, to leave out or to change. @see Wagner and Fischer 1974, https://doi.org/10.1145/321796.321811 */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const changed = Number(above[column - 1]) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(changed, Number(above[column]) + 1, Number(current[column - 1]) + 1))
    }
    above = current
  }
  return Number(above[b.length])
}
