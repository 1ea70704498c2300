import { type Static, Type } from '@sinclair/typebox'
import type { SeenRelease } from '../store/seen.js'
import { Time, timeOf } from './time-of.js'

export const ReleaseBody = Type.Object(
  {
    project: Type.Integer(),
    release: Type.String(),
    firstSeenAt: Time,
    lastSeenAt: Time,
    events: Type.Integer({
      description: 'Stored ones, ever; without the repeats that clients have counted.',
    }),
  },
  { title: 'Release' },
)

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
