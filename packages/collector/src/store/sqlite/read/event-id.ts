import { uuidDigits } from '@faultline/protocol'
import { type Condition, where } from './condition.js'

/** The 32 hexadecimal digits of a UUID in any spelling, or of `urn:uuid:…`. */
export function hexOf(text: string): string | undefined {
  return uuidDigits(text.trim())
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
