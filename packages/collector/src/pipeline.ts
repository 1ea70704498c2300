import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { createCallers } from './access/callers.js'
import { createKeyRing, type KeyRing } from './access/key-ring.js'
import { createLoginThrottle } from './access/login-throttle.js'
import { createPasswords } from './access/passwords.js'
import { createSignIn, type SignIn } from './access/sign-in.js'
import { createLiveHub, type LiveHub } from './api/live-hub.js'
import { type Books, readBooks } from './books.js'
import type { CollectorConfig } from './config.js'
import type { DataFolder } from './data-folder.js'
import type { DigestMethods } from './digest-worker.js'
import { createMetrics } from './metrics.js'
import { createOwnErrors } from './own-errors.js'
import { startPressureGauge } from './pressure.js'
import { openQueue } from './queue/sqlite/open-queue.js'
import { openEarlyReader } from './store/sqlite/read/open-early-reader.js'
import type { IssueChange, Remote, StoreReader } from './store/store.js'
import type { Upgrade } from './upgrade.js'
import { watchQueue } from './watched-queue.js'
import { endDigestWorker, startWorkers } from './workers.js'

/** Of the ten seconds that an orchestrator gives: for open requests, and for what is in the queue by then. */
const CLOSE_MS = 4000
const DRAIN_MS = 4500

export interface PipelineParts {
  config: CollectorConfig
  folder: DataFolder
  log: FastifyBaseLogger
  /** Milliseconds since 1970. */
  now(): number
  /** What DSNs name. */
  publicUrl(): string
  onChanges(changes: readonly IssueChange[]): void
  /** Called for each stage that has started with what ends it; the last comes first then. */
  atEnd(end: () => Promise<void> | void): void
}

export interface Pipeline {
  app: FastifyInstance
  keys: KeyRing
  signIn: SignIn
  reads: Remote<StoreReader>
  writes: Remote<DigestMethods>
  live: LiveHub
  readBooks(): Promise<Books>
  /** Of the store, while there is one. */
  upgrade: Upgrade
}

/** intake → queue → digest → store → api: the stages are joined here. Routes are in server.ts, the steps of digest in digest-worker.ts. */
export async function startPipeline(parts: PipelineParts): Promise<Pipeline> {
  const { config, folder, log, now, publicUrl, onChanges, atEnd } = parts
  const metrics = createMetrics()
  const pressure = await startPressureGauge({ config, folder: folder.path, log })
  atEnd(pressure.close)

  const opened = openQueue(folder.queueFile, {
    limitBytes: config.queueLimitBytes,
    onUnwritable: (err) => log.error({ err }, 'The queue cannot be written: clients are told to come back.'),
  })
  const queue = watchQueue(opened, () => performance.now())
  atEnd(queue.close)
  queue.onAppended(metrics.appended)
  const ownErrors = createOwnErrors({ append: queue.append, log, now })

  const loading = import('./server.js') // it is the largest part, and takes as long as the workers take for theirs
  const { digest, query, upgrade } = await startWorkers({
    config,
    folder,
    log,
    ownErrors,
    metrics,
    queue,
    onChanges,
  })
  atEnd(() => endDigestWorker(digest, { drainMs: DRAIN_MS, log, upgrade }))
  atEnd(query.close)
  const { remote: writes } = digest
  const { remote: reads } = query

  // In this thread, not in the query worker: intake must not wait behind a search.
  const clock = () => performance.now()
  const callers = createCallers({
    findToken: reads.findToken,
    findSession: (hash) => reads.findSession(hash, now()),
    now: clock,
  })
  const signIn = createSignIn({
    reads,
    writes,
    passwords: createPasswords(),
    throttle: createLoginThrottle(),
    callers,
    publicUrl,
    now,
    clock,
  })
  const live = createLiveHub({ readChanged: reads.changedIssues })
  const early = openEarlyReader(folder.storeFile)
  atEnd(early.close)
  const { position, keep } = early.queueNeeds()
  queue.trim(position, keep) // before anything is appended: digest says so as well, but may be upgrading the store still
  const keys = createKeyRing({ readKeys: early.keys, now: () => performance.now() })
  const books = () => readBooks({ queue, reads, digestedTo: queue.digestedTo })
  const databases = { queue: folder.queueFile, store: folder.storeFile }
  const sources = { reads, readBooks: books, lagSeconds: queue.lagSeconds, databases }

  const { createServer, closeServer } = await loading
  const app = await createServer({
    config,
    log,
    reporter: ownErrors,
    now,
    publicUrl,
    queue,
    keys,
    callers,
    signIn,
    reads,
    writes,
    live,
    readBooks: books,
    pressure: pressure.current,
    onRefused: metrics.refused,
    metricsText: () => metrics.text(sources),
    troubles: () =>
      [digest.trouble(), query.trouble(), queue.trouble(), pressure.current()?.reason].filter(
        (one) => one !== undefined,
      ),
  })
  atEnd(() => closeServer(app, CLOSE_MS))
  return { app, keys, signIn, reads, writes, live, readBooks: books, upgrade }
}
