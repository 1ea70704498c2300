import { Type } from '@sinclair/typebox'

/** RFC 3339, UTC. */
export const Time = Type.String({ format: 'date-time' })

export function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
