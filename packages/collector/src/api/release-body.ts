import { type Static, Type } from '@sinclair/typebox'
import type { SeenRelease } from '../store/seen.js'
import { timeOf } from './time-of.js'

export const ReleaseBody = Type.Object({
  project: Type.Integer(),
  release: Type.String(),
  firstSeenAt: Type.String({ format: 'date-time' }),
  lastSeenAt: Type.String({ format: 'date-time' }),
  events: Type.Integer({ description: 'Stored ones, ever; without the repeats that clients have counted.' }),
})

export function releaseBody(seen: SeenRelease): Static<typeof ReleaseBody> {
  const { projectId, release, firstSeenAt, lastSeenAt, events } = seen
  return {
    project: projectId,
    release,
    firstSeenAt: timeOf(firstSeenAt),
    lastSeenAt: timeOf(lastSeenAt),
    events,
  }
}
