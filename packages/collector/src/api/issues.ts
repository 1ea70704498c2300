import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { asksForStatus, parseSearch } from '../store/search/parse-search.js'
import { ISSUE_SORTS } from '../store/store.js'
import type { ApiOptions } from './api-plugin.js'
import { apiErrors } from './errors.js'
import { EventBody, eventBody } from './event-body.js'
import { IssueBody, IssueDetailBody, issueBody, issueDetailBody } from './issue-body.js'
import { IssueEditBody, readIssueEdit } from './issue-edit.js'
import { oneOf, PAGE, PERIOD, PROJECT, pageOf, queryOf, readId, readPeriod } from './query.js'
import { scopeOf, sees } from './visible-projects.js'

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

export interface IssuePath {
  Params: { issueId: string }
}

export function addIssueRoutes(app: FastifyInstance, { reads, writes, live, now }: ApiOptions): void {
  const found = async (request: FastifyRequest<IssuePath>) => {
    const issue = await reads.issue(issueIdOf(request.params), now())
    if (issue === undefined || !sees(request, issue.projectId)) throw new apiErrors.IssueNotFound()
    return issue
  }

  app.get<{ Querystring: Static<typeof IssuesQuery> }>(
    '/issues',
    {
      schema: {
        summary: 'Issues that a search and filters find',
        querystring: IssuesQuery,
        response: { 200: pageOf(IssueBody) },
      },
    },
    async (request) => {
      const { project, query, since, until, status, sort = 'lastSeen', ...filter } = request.query
      const search = parseSearch(query ?? '')
      const askedAt = now()
      const page = await reads.issues({
        ...filter,
        ...readPeriod({ since, until }, askedAt),
        ...scopeOf(request, project),
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
    async (request) => issueDetailBody(await found(request)),
  )

  app.patch<IssuePath & { Body: Static<typeof IssueEditBody> }>(
    '/issues/:issueId',
    {
      schema: {
        summary: 'Resolves, mutes or opens an issue, sets its severity, gives it to somebody',
        body: IssueEditBody,
        response: { 200: IssueDetailBody },
      },
    },
    async (request) => {
      const before = await found(request)
      await writes.updateIssue(before.id, readIssueEdit(request.body, now()), now())
      live.edited(before.id, before.projectId)
      return issueDetailBody(await found(request))
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
    async (request) => {
      const asked = { ...request.query, ...scopeOf(request, undefined) }
      const page = await reads.eventsOf(issueIdOf(request.params), asked)
      if (page === undefined) throw new apiErrors.IssueNotFound()
      return { ...page, items: page.items.map(eventBody) }
    },
  )
}

/** @throws IssueNotFound */
export function issueIdOf({ issueId }: IssuePath['Params']): number {
  const id = readId(issueId)
  if (id === undefined) throw new apiErrors.IssueNotFound()
  return id
}
