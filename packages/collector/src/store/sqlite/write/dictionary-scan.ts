import type { DatabaseSync } from 'node:sqlite'
import type { ErasedUser } from '../../store.js'
import { decodeDictionary } from '../payload-codec.js'
import { isTextOfUser } from './user-traces.js'

const DICTIONARIES_AT_ONCE = 200

interface Row {
  issueId: number
  projectId: number
  dictionary: Uint8Array
}

/**
 * Looks into all dictionaries: an issue lives on when the event that it was made of is deleted, and so does its dictionary. A slice
 * at a time, it gives the issues that were made of an event of the user.
 */
export function* issuesMadeOf(database: DatabaseSync, user: ErasedUser): Generator<number[]> {
  const find = database.prepare(
    `SELECT d.issue_id AS issueId, i.project_id AS projectId, d.dictionary
     FROM dictionaries d JOIN issues i ON i.id = d.issue_id WHERE d.issue_id > ? ORDER BY d.issue_id LIMIT ${DICTIONARIES_AT_ONCE}`,
  )
  for (let behind = 0, isMore = true; isMore; ) {
    const rows = find.all(behind) as unknown as Row[]
    yield rows.filter((row) => isMadeOf(row, user)).map(({ issueId }) => issueId)
    behind = rows.at(-1)?.issueId ?? behind
    isMore = rows.length === DICTIONARIES_AT_ONCE
  }
}

function isMadeOf({ projectId, dictionary }: Row, user: ErasedUser): boolean {
  if (user.projectIds?.includes(projectId) === false) return false
  return isTextOfUser(Buffer.from(decodeDictionary(dictionary)).toString(), user)
}
