import { type Static, Type } from '@sinclair/typebox'
import type { IssueEdit } from '../store/store.js'
import { apiErrors } from './errors.js'
import { oneOf, queryOf } from './query.js'

/** What a person decides about an issue. */
export const IssueEditBody = queryOf(
  {
    status: Type.Optional(oneOf(['unresolved', 'resolved', 'muted'])),
    resolution: Type.Optional(
      queryOf(
        { inRelease: Type.String({ minLength: 1, maxLength: 250 }) },
        { description: 'With `resolved`: events of older releases are no regression.' },
      ),
    ),
    mutedUntil: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'With `muted`: an event from then on opens the issue again. Without it, none does.',
      }),
    ),
    severity: Type.Optional(oneOf(['critical', 'high', 'medium', 'low'])),
    assignee: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 250 }), Type.Null()])),
  },
  { minProperties: 1 },
)

/** @throws EditMistaken */
export function readIssueEdit(body: Static<typeof IssueEditBody>, now: number): IssueEdit {
  const { status, resolution, mutedUntil, severity, assignee } = body
  if (resolution !== undefined && status !== 'resolved')
    throw new apiErrors.EditMistaken({ detail: 'resolution goes with the status resolved.' })
  const until = mutedUntil === undefined ? undefined : Date.parse(mutedUntil)
  if (until !== undefined && status !== 'muted')
    throw new apiErrors.EditMistaken({ detail: 'mutedUntil goes with the status muted.' })
  if (until !== undefined && !(until > now))
    throw new apiErrors.EditMistaken({ detail: 'mutedUntil is to be in the future.' })
  return { status, resolvedInRelease: resolution?.inRelease, mutedUntil: until, severity, assignee }
}
