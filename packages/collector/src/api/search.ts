import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { parseSearch } from '../store/search/parse-search.js'
import type { StoredEvent } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'
import { eventBody } from './event-body.js'
import { issueBody } from './issue-body.js'
import { PAGE, PROJECT, queryOf } from './query.js'

const Query = queryOf({ ...PAGE, ...PROJECT, q: Type.String() })
type SearchRequest = Static<typeof Query>

/** What a customer quotes: an event's id in any spelling of a UUID, or a problem's instance. */
const IS_ID = /^(?:urn:uuid:)?[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}$|^[a-z][a-z\d+.-]*:\/\/\S+$/i

/**
 * `{ issues: […], events: […], nextCursor }`, of every status, newest first. The cursor is that of the events: behind the first page
 * there are no issues any more (`GET /issues?status=all&query=` has them all). What a customer quotes finds that very event.
 */
export function addSearchRoutes(app: FastifyInstance, options: ApiOptions): void {
  app.get<{ Querystring: SearchRequest }>(
    '/search',
    { schema: { querystring: Query } },
    async ({ query }) => {
      const text = query.q.trim()
      if (!IS_ID.test(text)) return findWords(text, query, options)
      const stored = await options.reads.event(text)
      // of the same form are the ids of traces
      return stored === undefined ? findWords(`"${text}"`, query, options) : foundEvent(stored, options)
    },
  )
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
  const [issues, events] = await Promise.all([
    cursor === undefined ? reads.issues({ ...about, status: 'all', sort: 'lastSeen' }) : undefined,
    reads.searchEvents(query, { ...about, cursor }),
  ])
  return {
    issues: issues?.items.map(issueBody) ?? [],
    events: events.items.map(eventBody),
    nextCursor: events.nextCursor,
  }
}
