import { type Static, Type } from '@sinclair/typebox'
import type { SeenService } from '../store/seen.js'
import { timeOf } from './time-of.js'

export const ServiceBody = Type.Object(
  {
    project: Type.Integer(),
    service: Type.String(),
    environments: Type.Array(Type.String()),
    events: Type.Number({ description: 'With the repeats that clients have counted.' }),
    lastSeenAt: Type.String({ format: 'date-time', description: 'When the hour of its last event began.' }),
  },
  { title: 'Service' },
)

export function serviceBody(seen: SeenService): Static<typeof ServiceBody> {
  const { projectId, service, environments, events, lastSeenAt } = seen
  return { project: projectId, service, environments, events, lastSeenAt: timeOf(lastSeenAt) }
}
