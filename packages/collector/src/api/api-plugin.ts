import type { FastifyPluginAsync, onRequestAsyncHookHandler } from 'fastify'
import type { Erased, ErasedUser, OutcomeCount, Remote, Role, StoreReader } from '../store/store.js'
import { addDlqRoutes } from './dlq.js'
import { addErasureRoutes } from './erasures.js'
import { readErrorsAsProblems } from './errors.js'
import { addEventRoutes } from './events.js'
import { addIssueRoutes } from './issues.js'
import { addOpenapi } from './openapi.js'
import { addProjectRoutes } from './projects.js'
import { guardRoutes } from './route-roles.js'
import { addSearchRoutes } from './search.js'
import { addStatsRoutes } from './stats.js'

/** What the API needs of the rest of the collector. */
export interface ApiOptions {
  /** Below which the routes stand: `/api/v1`. Fastify's own option. */
  prefix?: string
  reads: Remote<StoreReader>
  writes: ApiWrites
  /** What was received, what has become of it and what is pending, at one moment. */
  readBooks(): Promise<ReceivedAndPending>
  /** The hook of a route that needs a role, or a higher one: `createRequireRole` of access. */
  requireRole(needed: Role): onRequestAsyncHookHandler
  /** What DSNs name. */
  publicUrl(): string
  /** Milliseconds since 1970. */
  now(): number
}

/** `received = Σ outcomes + pending`, for all projects and for each. */
export interface ReceivedAndPending {
  /** Events, by project. */
  received: Map<number, number>
  outcomes: OutcomeCount[]
}

/** What only the digest worker can do: it is the store's writer. */
export interface ApiWrites {
  /** Digests a dead letter again: it may fail again, or its body may be gone. */
  replayDeadLetter(id: number): Promise<Replay>
  /** @returns whether there was one */
  deleteDeadLetter(id: number): Promise<boolean>
  /** Resolves once nothing of it is left. */
  eraseUser(user: ErasedUser): Promise<Erased>
}

/** What has become of a dead letter. */
export type Replay =
  | { kind: 'not_found' }
  | { kind: 'gone' }
  | { kind: 'failed'; reason: string }
  | { kind: 'replayed'; result: { outcomes: OutcomeCount[] } }

/** The query API, to be registered with the prefix `/api/v1` inside of an `errorPlugin`. */
export const apiPlugin: FastifyPluginAsync<ApiOptions> = async (app, options) => {
  guardRoutes(app, options.requireRole)
  readErrorsAsProblems(app)
  await addOpenapi(app)
  addProjectRoutes(app, options)
  addIssueRoutes(app, options)
  addEventRoutes(app, options)
  addSearchRoutes(app, options)
  addStatsRoutes(app, options)
  addDlqRoutes(app, options)
  addErasureRoutes(app, options)
}
