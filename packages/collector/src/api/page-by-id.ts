import { Type } from '@sinclair/typebox'
import { PAGE, queryOf } from './query.js'

/** The query string of a list that is short enough to be read as a whole. */
export const ByIdQuery = queryOf({ ...PAGE, cursor: Type.Optional(Type.String({ pattern: '^\\d+$' })) })

export function pageById<Item extends { id: number }>(
  all: readonly Item[],
  { limit, cursor = '-1' }: { limit: number; cursor?: string },
): { items: Item[]; nextCursor: string | null } {
  const sorted = all.toSorted((one, other) => one.id - other.id)
  const rest = sorted.filter(({ id }) => id > Number(cursor))
  const items = rest.slice(0, limit)
  return { items, nextCursor: rest.length > limit ? String(items.at(-1)?.id) : null }
}
