import type { FastifyPluginAsync, onRequestAsyncHookHandler } from 'fastify'
import type { UserWrites } from '../store/people.js'
import type {
  Administration,
  Erased,
  ErasedUser,
  OutcomeCount,
  Remote,
  Role,
  StoreReader,
} from '../store/store.js'
import { auditChanges } from './audit-changes.js'
import { addAuditRoutes } from './audit-log.js'
import { addDlqRoutes } from './dlq.js'
import { addErasureRoutes } from './erasures.js'
import { readErrorsAsProblems } from './errors.js'
import { addEtags } from './etags.js'
import { addEventRoutes } from './events.js'
import { addIssueTagRoutes } from './issue-tags.js'
import { addIssueRoutes } from './issues.js'
import { addLiveRoute } from './live.js'
import type { LiveHub } from './live-hub.js'
import { addOpenapi } from './openapi.js'
import { addProjectChanges } from './project-changes.js'
import { addProjectRoutes } from './projects.js'
import { addReleaseRoutes } from './releases.js'
import { guardRoutes } from './route-roles.js'
import { addSearchRoutes } from './search.js'
import { addServiceRoutes } from './services.js'
import { addSessionRoutes } from './session.js'
import type { ApiSignIn } from './sign-in.js'
import { addStatsRoutes } from './stats.js'
import { addTeamRoutes } from './teams.js'
import { addTokenRoutes } from './tokens.js'
import { addTopIssuesRoute } from './top-issues.js'
import { addUserRoutes } from './users.js'
import { limitBodies } from './validation.js'

/** What the API needs of the rest of the collector. */
export interface ApiOptions {
  /** Below which the routes stand: `/api/v1`. Fastify's own option. */
  prefix?: string
  reads: Remote<StoreReader>
  writes: ApiWrites
  /** Hears of new and changed issues. */
  live: LiveHub
  /** What was received, what has become of it and what is pending, at one moment. */
  readBooks(): Promise<ReceivedAndPending>
  /** The hook of a route that needs a role, or a higher one: `createRequireRole` of access. */
  requireRole(needed: Role): onRequestAsyncHookHandler
  newToken(): { token: string; hash: Uint8Array }
  /** Intake is to forget which keys it knows. */
  keysChanged(): void
  /** The check of roles is to forget which tokens it knows. */
  tokensChanged(): void
  /** Lets people in and out: `createSignIn` of access. */
  signIn: ApiSignIn
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
export interface ApiWrites extends Remote<Administration & Pick<UserWrites, 'createUser' | 'updateUser'>> {
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
  auditChanges(app, options)
  readErrorsAsProblems(app)
  limitBodies(app)
  addEtags(app)
  await addOpenapi(app)
  addProjectRoutes(app, options)
  addProjectChanges(app, options)
  addTokenRoutes(app, options)
  addTeamRoutes(app, options)
  addAuditRoutes(app, options)
  addIssueRoutes(app, options)
  addIssueTagRoutes(app, options)
  addEventRoutes(app, options)
  addLiveRoute(app, options)
  addSearchRoutes(app, options)
  addStatsRoutes(app, options)
  addReleaseRoutes(app, options)
  addServiceRoutes(app, options)
  addTopIssuesRoute(app, options)
  addDlqRoutes(app, options)
  addSessionRoutes(app, options)
  addUserRoutes(app, options)
  addErasureRoutes(app, options)
}
