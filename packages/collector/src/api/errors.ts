import { defineProblems } from '@faultline/core'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { mistakesOf } from './validation.js'

/** What the query API answers; each has its section in docs/errors.md. */
export const apiErrors = defineProblems(
  { base: 'urn:faultline:errors:' },
  {
    SearchMistaken: {
      status: 400,
      title: 'The search has a mistake.',
    },
    QueryMistaken: {
      status: 400,
      title: 'The query has a mistake.',
    },
    EditMistaken: {
      status: 400,
      title: 'The change does not fit together.',
    },
    ProjectNotFound: {
      status: 404,
      title: 'There is no such project.',
      detail: 'It was never there, or whoever asks may not see it.',
    },
    IssueNotFound: {
      status: 404,
      title: 'There is no such issue.',
      detail: 'It was never there, or has been deleted.',
    },
    EventNotFound: {
      status: 404,
      title: 'This event is not stored.',
      detail:
        'Not every error has an event here: an answer below 500 is not reported by default; a service may report only a sample; ' +
        'in a storm, equal errors are counted instead of stored; and what has just been sent takes a moment. ' +
        'The log of the service itself always has the id.',
    },
    DeadLetterNotFound: {
      status: 404,
      title: 'There is no such dead letter.',
      detail: 'It was never there, or has been replayed or deleted.',
    },
    DeadLetterBodyGone: {
      status: 410,
      title: 'What this dead letter stood for is gone.',
      detail: 'Its body is not in the queue any more: it can only be deleted.',
    },
    UnknownId: {
      status: 404,
      title: 'There is nothing with this id.',
    },
    AlreadyTaken: {
      status: 409,
      title: 'This is taken already.',
    },
    UserNotFound: {
      status: 404,
      title: 'There is no such user.',
      detail: 'They were never there, or have been disabled.',
    },
    EmailTaken: {
      status: 409,
      title: 'Another user has this e-mail address.',
    },
    LastAdmin: {
      status: 409,
      title: 'The last administrator cannot be disabled or get a lower role.',
      detail: 'Make somebody else an administrator first.',
    },
    SessionNotFound: {
      status: 404,
      title: 'There is no session.',
      detail: 'Only who has signed in has one; a token has none.',
    },
    OriginForeign: {
      status: 403,
      title: 'The request comes from a page of another site.',
      detail:
        'Its `Origin` is neither the address that was asked nor that of `publicUrl` in the configuration of the collector.',
    },
    ReplayFailed: {
      status: 422,
      title: 'The dead letter cannot be digested yet.',
      detail: ({ reason }) => `It has failed again: ${reason}`,
      extensions: Type.Object({ reason: Type.String() }),
    },
  },
)

/** Errors of the store that are the asker's fault; told by name, as they may have come from another thread. */
const MISTAKES: Readonly<
  Record<string, (typeof apiErrors)['SearchMistaken' | 'QueryMistaken' | 'UnknownId' | 'AlreadyTaken']>
> = {
  SearchMistake: apiErrors.SearchMistaken,
  BadRequestToStore: apiErrors.QueryMistaken,
  UnknownToStore: apiErrors.UnknownId,
  StoreConflict: apiErrors.AlreadyTaken,
}

/** Makes problems of the store's refusals, and failed validations readable; anything else goes on to the `errorPlugin` around as it is. */
export function readErrorsAsProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request) => {
    const { name, message } = error as Error
    const validation = mistakesOf(error as Error, request)
    if (validation !== undefined) throw Object.assign(error as Error, { validation })
    const Mistake = Object.hasOwn(MISTAKES, name) ? MISTAKES[name] : undefined
    throw Mistake === undefined ? error : new Mistake({ detail: message, cause: error })
  })
}
