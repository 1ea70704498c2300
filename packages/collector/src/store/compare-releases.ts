/** `shop@1.2.3-rc.1+build`: a name, numbers, what comes before the finished release. */
const VERSION = /^v?(\d{1,15}(?:\.\d{1,15}){1,7})(?:-([0-9A-Za-z.-]{1,100}))?(?:\+.*)?$/i
const DATE = /^\d{4}-\d{1,2}-\d{1,2}(?:-\d{1,15})?$/

/** Longer ones are days, counters or the digits of a commit: who knows. */
const NUMBER_ALONE = /^\d{1,6}$/

interface Version {
  /** Only those of one kind have an order. */
  kind: 'semantic' | 'date' | 'number'
  numbers: number[]
  preRelease: string[] | undefined
}

/**
 * Orders two releases of one kind by their names: semantic, dates and plain numbers, with or without `name@`.
 *
 * @returns less than 0 when the first is older, 0 when they are equal, and nothing when their names do not tell
 * @see https://semver.org/#spec-item-11
 */
export function compareReleases(first: string, second: string): number | undefined {
  if (first === second) return 0
  const [firstName, firstVersion] = readRelease(first)
  const [secondName, secondVersion] = readRelease(second)
  if (firstName !== secondName || firstVersion === undefined || secondVersion === undefined) return undefined
  if (firstVersion.kind !== secondVersion.kind) return undefined
  return (
    compareNumbers(firstVersion.numbers, secondVersion.numbers) ||
    comparePreReleases(firstVersion.preRelease, secondVersion.preRelease)
  )
}

function readRelease(release: string): [name: string, version: Version | undefined] {
  const at = release.lastIndexOf('@')
  return [release.slice(0, Math.max(0, at)), readVersion(release.slice(at + 1))]
}

function readVersion(text: string): Version | undefined {
  if (DATE.test(text)) return { kind: 'date', numbers: text.split('-').map(Number), preRelease: undefined }
  if (NUMBER_ALONE.test(text)) return { kind: 'number', numbers: [Number(text)], preRelease: undefined }
  const [, numbers, preRelease] = VERSION.exec(text) ?? []
  if (numbers === undefined) return undefined
  return { kind: 'semantic', numbers: numbers.split('.').map(Number), preRelease: preRelease?.split('.') }
}

function compareNumbers(first: number[], second: number[]): number {
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    const difference = (first[index] ?? 0) - (second[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function comparePreReleases(first: string[] | undefined, second: string[] | undefined): number {
  if (first === undefined || second === undefined)
    return Number(first === undefined) - Number(second === undefined)
  for (const [index, part] of first.entries()) {
    const other = second[index]
    if (other === undefined) return 1
    const difference = compareParts(part, other)
    if (difference !== 0) return difference
  }
  return first.length - second.length
}

const NUMBER = /^\d+$/

function compareParts(first: string, second: string): number {
  const isNumber = NUMBER.test(first)
  if (isNumber !== NUMBER.test(second)) return isNumber ? -1 : 1
  if (isNumber) return Number(first) - Number(second)
  if (first === second) return 0
  return first < second ? -1 : 1
}
