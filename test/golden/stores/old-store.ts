// A store that the code before schema 2 has made, see README.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'

const shelf = join(rootOf(import.meta.dirname), 'test/golden/stores/version-1')

/** Of the roles that their names say. */
export const OLD_TOKENS = {
  viewer: 'flt_of-the-store-of-version-1-viewer',
  admin: 'flt_of-the-store-of-version-1-admin',
}
/** Of its project 1. */
export const OLD_KEY = '0123456789abcdef0123456789abcdef'

/** Puts both databases into a new folder. */
export function placeOldStore(data: string): string {
  mkdirSync(data, { recursive: true })
  for (const name of ['store.db', 'queue.db']) writeFileSync(join(data, name), unpacked(name))
  return join(data, 'store.db')
}

/** What the code of then has read from it. */
// biome-ignore lint/suspicious/noExplicitAny: answers of many kinds, to be compared
export function oldAnswers(): Record<string, any> {
  return JSON.parse(unpacked('answers.json').toString())
}

/** Copies its events until there are so many, each with an id of its own. */
export function growOldStore(file: string, events: number): void {
  const database = new DatabaseSync(file)
  const { own } = database.prepare('SELECT count(*) AS own FROM events').get() as { own: number }
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF')
  for (let at = own; at < events; at += own) {
    database.exec(`
      INSERT INTO events (event_id, project_id, issue_id, received_at, occurred_at, codec, payload)
      SELECT randomblob(16), project_id, issue_id, received_at, occurred_at, codec, payload
      FROM events ORDER BY id LIMIT ${Math.min(own, events - at)}`)
  }
  database.close()
}

function unpacked(name: string): Buffer {
  return gunzipSync(readFileSync(join(shelf, `${name}.gz`)))
}

/** Compiled or not. */
function rootOf(folder: string): string {
  return folder.replace(/(?:\/\.build)?\/test\/golden\/stores$/, '')
}
