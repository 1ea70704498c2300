import { standardProblems } from '@faultline/core'
import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { eventText, type LiveListener, type LiveView } from './live-hub.js'
import { PROJECT, queryOf } from './query.js'
import { timeOf } from './time-of.js'
import { scopeOf } from './visible-projects.js'

/** What a listener may be behind. */
const MAX_BEHIND_BYTES = 1_048_576
const COME_BACK_MS = 2000
const LISTENER_ROLE = 'viewer'

const Query = queryOf(PROJECT)
type LiveQuery = Static<typeof Query>

const EventStream = {
  content: {
    'text/event-stream': {
      schema: Type.String({
        description:
          'Events `hello` `{ now }`, `issue` (LiveIssueBody) and `many` `{ issues }`: how many more have changed.',
      }),
    },
  },
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no', // nginx would gather what is to arrive at once
}

/** Server-sent events. What happened before is not repeated: `hello` says that a list has to be read again. */
export function addLiveRoute(app: FastifyInstance, { live, requireRole, now }: ApiOptions): void {
  const check = requireRole(LISTENER_ROLE)
  app.addHook('preClose', async () => live.close())
  app.get<{ Querystring: LiveQuery }>(
    '/live',
    {
      schema: {
        summary: 'New and changed issues, as they come',
        querystring: Query,
        response: { 200: EventStream },
      },
    },
    async (request, reply) => {
      if (!takesEvents(request))
        throw new standardProblems.NotAcceptable({ detail: 'Only text/event-stream can be had here.' })
      scopeOf(request, request.query.project)
      reply.headers(HEADERS)
      if (request.method === 'HEAD') return reply.send()
      const listener = listenerOf(request, reply, async () => {
        await check.call(app, request, reply)
      })
      reply.hijack()
      reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>)
      reply.raw.write(`retry: ${COME_BACK_MS}\n\n${eventText('hello', { now: timeOf(now()) })}`)
      reply.raw.once('close', live.listen(listener))
      return reply
    },
  )
}

/** @param check throws once the caller may listen no more */
function listenerOf(
  request: FastifyRequest<{ Querystring: LiveQuery }>,
  { raw }: FastifyReply,
  check: () => Promise<void>,
): LiveListener {
  const { project } = request.query
  const listener: LiveListener = {
    view: viewOf(request.caller.projectIds, project),
    write(text) {
      raw.write(text)
      return raw.writableLength <= MAX_BEHIND_BYTES
    },
    async isStillAllowed() {
      try {
        await check()
        listener.view = viewOf(request.caller.projectIds, project)
        return true
      } catch {
        return false // or it cannot be told just now: whoever comes back hears why
      }
    },
    end: () => void (raw.writableLength > 0 ? raw.destroy() : raw.end()),
  }
  return listener
}

/** @param project the only one that is asked for */
function viewOf(projectIds: readonly number[] | undefined, project: number | undefined): LiveView {
  const visible = projectIds && new Set(projectIds)
  return {
    key: `${project ?? ''} ${projectIds ?? ''}`,
    sees: (id) => (project ?? id) === id && (visible === undefined || visible.has(id)),
  }
}

function takesEvents({ headers: { accept } }: FastifyRequest): boolean {
  return accept === undefined || /(text\/(event-stream|\*)|\*\/\*)/i.test(accept)
}
