import { BadRequestToStore, type Page, type PageRequest } from '../../store.js'

const MOST_ITEMS = 200
/** Far more than any cursor of ours has. */
const MOST_CHARACTERS = 256

/** The place behind the last item of a page: the values that its list is sorted by. */
export type Place = readonly number[]

interface List {
  /** Tells the cursors of different lists apart. */
  name: string
  /** How many values a place has. */
  size: number
}

/**
 * What a page begins behind; `undefined` for the first.
 * @throws BadRequestToStore for a damaged cursor, one of another list, and a limit that is none
 */
export function placeOf({ limit, cursor }: PageRequest, { name, size }: List): Place | undefined {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ITEMS) {
    throw new BadRequestToStore(`The limit is to be a whole number from 1 to ${MOST_ITEMS}.`)
  }
  if (cursor === undefined) return undefined
  const [list, ...place] = decoded(cursor)
  if (list === name && place.length === size && place.every(Number.isSafeInteger)) return place as number[]
  throw new BadRequestToStore('The cursor is not one that this list has given.')
}

/** @param found one more than the page holds, if there is one */
export function pageOf<Item>(
  found: readonly Item[],
  { limit, name, placeOf }: { limit: number; name: string; placeOf: (item: Item) => Place },
): Page<Item> {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  const isMore = found.length > limit && last !== undefined
  return { items, nextCursor: isMore ? encodeCursor(name, placeOf(last)) : null }
}

export function encodeCursor(name: string, place: Place): string {
  return Buffer.from(JSON.stringify([name, ...place])).toString('base64url')
}

function decoded(cursor: string): unknown[] {
  if (cursor.length > MOST_CHARACTERS) return []
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
