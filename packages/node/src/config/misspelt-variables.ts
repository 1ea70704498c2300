import type { Config, ConfigEntry } from './config-schema.js'

const PREFIX = 'FAULTLINE_'

/** A mistake for each variable that is nearly one of ours. Others with our prefix may be the collector's. */
export function misspeltVariables(
  env: NodeJS.ProcessEnv,
  entries: readonly (readonly [keyof Config, ConfigEntry])[],
): string[] {
  const known = entries.map(([, { variable }]) => variable)
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .flatMap((name) => {
      const meant = known.find((one) => isNear(withoutPrefix(name), withoutPrefix(one)))
      return meant === undefined ? [] : [`${name} is unknown: did you mean ${meant}?`]
    })
}

function withoutPrefix(name: string): string {
  return name.replace(PREFIX, '')
}

/** In a short word two mistakes are as good as another word. */
function isNear(name: string, known: string): boolean {
  return distance(name, known) <= (known.length > 4 ? 2 : 1)
}

/** Letters to add, to leave out, to change, or neighbours to swap. @see Damerau 1964, https://doi.org/10.1145/363958.363994 */
function distance(a: string, b: string): number {
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
