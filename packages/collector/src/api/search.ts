import { uuidDigits } from '@faultline/protocol'
import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { asksOnlyOfEvents, parseSearch } from '../store/search/parse-search.js'
import type { StoredEvent } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'
import { EventBody, eventBody } from './event-body.js'
import { IssueBody, issueBody } from './issue-body.js'
import { PAGE, PROJECT, queryOf } from './query.js'

const Query = queryOf({ ...PAGE, ...PROJECT, q: Type.String() })
const Found = Type.Object({
  issues: Type.Array(IssueBody),
  events: Type.Array(EventBody),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
})
type SearchRequest = Static<typeof Query>

const IS_URL = /^[a-z][a-z\d+.-]*:\/\/\S+$/i

/**
 * `{ issues: […], events: […], nextCursor }`, of every status, newest first. The cursor is that of the events: behind the first page
 * there are no issues any more (`GET /issues?status=all&query=` has them all). What a customer quotes finds that very event.
 */
export function addSearchRoutes(app: FastifyInstance, options: ApiOptions): void {
  app.get<{ Querystring: SearchRequest }>(
    '/search',
    {
      schema: {
        summary: 'Issues and events of every status; what a customer quotes finds that very event',
        querystring: Query,
        response: { 200: Found },
      },
    },
    async ({ query }) => {
      const text = query.q.trim()
      if (!isId(text)) return findWords(text, query, options)
      const stored = await options.reads.event(text)
      const isAsked = stored !== undefined && (query.project ?? stored.projectId) === stored.projectId
      // of the same form are the ids of traces
      return isAsked ? foundEvent(stored, options) : findWords(quoted(text), query, options)
    },
  )
}

/** What a customer quotes: an event's id in any spelling of a UUID, or a problem's instance. */
function isId(text: string): boolean {
  return uuidDigits(text) !== undefined || IS_URL.test(text)
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

async function foundEvent(stored: StoredEvent, { reads, now }: ApiOptions) {
  const issue = await reads.issue(stored.issueId, now())
  return {
    issues: issue === undefined ? [] : [issueBody(issue)],
    events: [eventBody(stored)],
    nextCursor: null,
  }
}

async function findWords(text: string, request: SearchRequest, { reads, now }: ApiOptions) {
  const query = parseSearch(text)
  const { limit, cursor, project: projectId } = request
  const about = { query, limit, projectId, now: now() }
  const isOfIssues = cursor === undefined && !asksOnlyOfEvents(query)
  const [issues, events] = await Promise.all([
    isOfIssues ? reads.issues({ ...about, status: 'all', sort: 'lastSeen' }) : undefined,
    reads.searchEvents(query, { ...about, cursor }),
  ])
  return {
    issues: issues?.items.map(issueBody) ?? [],
    events: events.items.map(eventBody),
    nextCursor: events.nextCursor,
  }
}
