import type { SQLOutputValue } from 'node:sqlite'
import type { BodyFormat, BodyMeta, Encoding, QueuedBody } from '../queue.js'

export const BODY_COLUMNS = 'position, project_id, format, encoding, event_count, received_at, meta, bytes'

/** A body as it stands in its row, in the order of BODY_COLUMNS. */
export function bodyOf(row: Record<string, SQLOutputValue>): QueuedBody {
  return {
    position: row.position as number,
    projectId: row.project_id as number,
    format: row.format as BodyFormat,
    encoding: row.encoding as Encoding,
    eventCount: row.event_count as number,
    receivedAt: row.received_at as number,
    meta: JSON.parse(row.meta as string) as BodyMeta,
    bytes: row.bytes as Uint8Array,
  }
}
