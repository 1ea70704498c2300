import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { createKeyRing, type KeyRing } from './access/key-ring.js'
import { createRequireRole } from './access/require-role.js'
import { apiPlugin } from './api/api-plugin.js'
import { healthPlugin } from './api/health.js'
import { metricsPlugin } from './api/metrics.js'
import { type Books, readBooks } from './books.js'
import type { CollectorConfig } from './config.js'
import type { DataFolder } from './data-folder.js'
import type { DigestMethods } from './digest-worker.js'
import { intakePlugin } from './intake/intake-plugin.js'
import { createMetrics } from './metrics.js'
import { createOwnErrors } from './own-errors.js'
import { startPressureGauge } from './pressure.js'
import { openQueue } from './queue/sqlite/open-queue.js'
import { closeServer, createServer } from './server.js'
import type { IssueChange, Remote, StoreReader } from './store/store.js'
import { watchQueue } from './watched-queue.js'
import { endDigestWorker, startDigestWorker, startQueryWorker } from './workers.js'

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
  reads: Remote<StoreReader>
  writes: Remote<DigestMethods>
  readBooks(): Promise<Books>
}

/** intake → queue → digest → store → api: the stages in order. What digest does with each event is in digest-worker.ts. */
export async function startPipeline(parts: PipelineParts): Promise<Pipeline> {
  const { config, folder, log, now, publicUrl, atEnd } = parts
  const { bodyLimitBytes, queueLimitBytes, rateLimit } = config
  const metrics = createMetrics()
  const pressure = await startPressureGauge({ config, folder: folder.path, log })
  atEnd(pressure.close)

  const queue = watchQueue(openQueue(folder.queueFile, { limitBytes: queueLimitBytes }), () =>
    performance.now(),
  )
  atEnd(queue.close)
  queue.onAppended(metrics.appended)
  const ownErrors = createOwnErrors({ append: queue.append, log, now })
  const workerParts = { config, folder, log, ownErrors, metrics }

  const digest = await startDigestWorker(workerParts, queue, parts.onChanges)
  atEnd(() => endDigestWorker(digest, { drainMs: DRAIN_MS, log }))
  const query = await startQueryWorker(workerParts)
  atEnd(query.close)
  const { remote: writes } = digest
  const { remote: reads } = query

  const keys = createKeyRing({ readKeys: reads.keys, now })
  const requireRole = createRequireRole({ findToken: reads.findToken, now })
  const books = () => readBooks({ queue, reads, digestedTo: queue.digestedTo })
  const sources = {
    reads,
    readBooks: books,
    lagSeconds: queue.lagSeconds,
    databases: { queue: folder.queueFile, store: folder.storeFile },
  }

  const app = await createServer({ config, log, reporter: ownErrors })
  atEnd(() => closeServer(app, CLOSE_MS))
  await app.register(intakePlugin, {
    queue,
    findKey: keys.find,
    pressure: pressure.current,
    rateLimit,
    bodyLimitBytes,
    newId: randomUUID,
    now,
    onRefused: ({ reason }) => metrics.refused(reason),
  })
  await app.register(apiPlugin, {
    prefix: '/api/v1',
    reads,
    writes,
    queueLength: queue.length,
    received: queue.received,
    requireRole,
    publicUrl,
    now,
  })
  await app.register(metricsPlugin, { metricsText: () => metrics.text(sources) })
  await app.register(healthPlugin, {
    troubles: () =>
      [digest.trouble(), query.trouble(), pressure.current()?.reason].filter((one) => one !== undefined),
  })

  return { app, keys, reads, writes, readBooks: books }
}
