import type { DeadLetter, Page, PageRequest } from '../../store.js'
import { all, ofProjects, where } from './condition.js'
import { pageOf, placeOf } from './cursor.js'
import type { Database } from './database.js'

const COLUMNS = `id, project_id AS projectId, position, protocol, received_at AS receivedAt,
  body_index AS "index", stage, reason, count`

/** The last one first. */
export function readDeadLetters(
  database: Database,
  request: PageRequest & { projectIds?: readonly number[] },
): Page<DeadLetter> {
  const { limit, projectIds } = request
  const name = 'dead'
  const place = placeOf(request, { name, size: 1 })
  const { sql, values } = all([
    ...(place === undefined ? [] : [where('id < ?', ...place)]),
    ...ofProjects('project_id', projectIds),
  ])
  const found = database.all<DeadLetter>(
    `SELECT ${COLUMNS} FROM dead_letters WHERE ${sql} ORDER BY id DESC LIMIT ?`,
    ...values,
    limit + 1,
  )
  return pageOf(found, { limit, name, placeOf: ({ id }) => [id] })
}

export function readDeadLetter(database: Database, id: number): DeadLetter | undefined {
  return database.get<DeadLetter>(`SELECT ${COLUMNS} FROM dead_letters WHERE id = ?`, id)
}

export function countDeadLetters(database: Database): number {
  const found = database.get<{ events: number }>(
    'SELECT coalesce(total(count), 0) AS events FROM dead_letters',
  )
  return found?.events ?? 0
}
