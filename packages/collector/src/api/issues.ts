import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { asksForStatus, parseSearch } from '../store/search/parse-search.js'
import { ISSUE_SORTS } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'
import { apiErrors } from './errors.js'
import { EventBody, eventBody } from './event-body.js'
import { IssueBody, IssueDetailBody, issueBody, issueDetailBody } from './issue-body.js'
import { oneOf, PAGE, PERIOD, PROJECT, pageOf, queryOf, readId, readPeriod } from './query.js'

const IssuesQuery = queryOf({
  ...PAGE,
  ...PROJECT,
  ...PERIOD,
  query: Type.Optional(Type.String()),
  status: Type.Optional(oneOf(['unresolved', 'resolved', 'muted', 'all'])),
  severity: Type.Optional(oneOf(['critical', 'high', 'medium', 'low'])),
  environment: Type.Optional(Type.String()),
  release: Type.Optional(Type.String()),
  service: Type.Optional(Type.String()),
  sort: Type.Optional(oneOf(ISSUE_SORTS)),
})
const EventsQuery = queryOf(PAGE)

interface IssuePath {
  Params: { issueId: string }
}

export function addIssueRoutes(app: FastifyInstance, { reads, now }: ApiOptions): void {
  app.get<{ Querystring: Static<typeof IssuesQuery> }>(
    '/issues',
    {
      schema: {
        summary: 'Issues that a search and filters find',
        querystring: IssuesQuery,
        response: { 200: pageOf(IssueBody) },
      },
    },
    async ({ query: { project, query, since, until, status, sort = 'lastSeen', ...filter } }) => {
      const search = parseSearch(query ?? '')
      const askedAt = now()
      const page = await reads.issues({
        ...filter,
        ...readPeriod({ since, until }, askedAt),
        projectId: project,
        query: search,
        status: status ?? (asksForStatus(search) ? 'all' : 'unresolved'),
        sort,
        now: askedAt,
      })
      return { ...page, items: page.items.map(issueBody) }
    },
  )

  app.get<IssuePath>(
    '/issues/:issueId',
    { schema: { summary: 'One issue', response: { 200: IssueDetailBody } } },
    async ({ params }) => {
      const issue = await reads.issue(idOf(params), now())
      if (issue === undefined) throw new apiErrors.IssueNotFound()
      return issueDetailBody(issue)
    },
  )

  app.get<IssuePath & { Querystring: Static<typeof EventsQuery> }>(
    '/issues/:issueId/events',
    {
      schema: {
        summary: 'Events of an issue, newest first',
        querystring: EventsQuery,
        response: { 200: pageOf(EventBody) },
      },
    },
    async ({ params, query }) => {
      const page = await reads.eventsOf(idOf(params), query)
      if (page === undefined) throw new apiErrors.IssueNotFound()
      return { ...page, items: page.items.map(eventBody) }
    },
  )
}

function idOf({ issueId }: IssuePath['Params']): number {
  const id = readId(issueId)
  if (id === undefined) throw new apiErrors.IssueNotFound()
  return id
}
