import { type Condition, where } from './condition.js'

const UUID = /^(?:urn:uuid:)?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i

/** The 32 hexadecimal digits of a UUID in any spelling, or of `urn:uuid:…`. */
export function hexOf(text: string): string | undefined {
  return UUID.exec(text.trim())?.slice(1).join('').toLowerCase()
}

/** Rows of the events that an id or a problem instance stands for. */
export function eventsNamed(idOrInstance: string): Condition {
  const hex = hexOf(idOrInstance)
  const byInstance = 'SELECT event_row FROM problem_instances WHERE instance'
  if (hex === undefined) return where(`${byInstance} = ?`, idOrInstance)
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return where(
    `SELECT id FROM events WHERE event_id = ? UNION ALL ${byInstance} IN (?, ?, ?, ?)`,
    Buffer.from(hex, 'hex'),
    idOrInstance,
    hex,
    uuid,
    `urn:uuid:${uuid}`,
  )
}
