import type { FastifyBaseLogger } from 'fastify'
import type { CollectorConfig } from './config.js'
import type { DataFolder } from './data-folder.js'
import { createHangCheck, newNote } from './digest/last-taken.js'
import type { DigestMethods, DigestNews, DigestWorkerData } from './digest-worker.js'
import { inTime } from './in-time.js'
import type { Metrics } from './metrics.js'
import type { OwnErrors } from './own-errors.js'
import type { QueryWorkerData } from './query-worker.js'
import type { IssueChange, StoreReader } from './store/store.js'
import { type SupervisedWorker, type SupervisedWorkerOptions, superviseWorker } from './supervised-worker.js'
import { Upgrade } from './upgrade.js'
import type { WatchedQueue } from './watched-queue.js'

const HANG_CHECK_MS = 5000
const WAITING = 'Digest waits for a database that fails: the log says why.'

export interface WorkerParts {
  config: CollectorConfig
  folder: DataFolder
  log: FastifyBaseLogger
  ownErrors: OwnErrors
  metrics: Metrics
  queue: WatchedQueue
  onChanges(changes: readonly IssueChange[]): void
}

export interface Workers {
  digest: SupervisedWorker<DigestMethods>
  query: SupervisedWorker<StoreReader>
  /** Of the store, while there is one. */
  upgrade: Upgrade
}

/** Starts both at once; the store is read once the digest worker has made it. An upgrade that it needs goes on behind. */
export async function startWorkers(parts: WorkerParts): Promise<Workers> {
  const upgrade = new Upgrade()
  const starting = [startDigestWorker(parts, upgrade), startQueryWorker(parts, upgrade)] as const
  const [digest, query] = await Promise.allSettled(starting)
  try {
    if (digest.status === 'rejected') throw digest.reason
    if (query.status === 'rejected') throw query.reason
    if (upgrade.sentence() === undefined) await query.value.remote.position()
    return { digest: digest.value, query: query.value, upgrade }
  } catch (error) {
    for (const worker of [digest, query]) if (worker.status === 'fulfilled') await worker.value.close()
    throw error
  }
}

/** Starts what digests what is appended, and trims the queue behind it. */
async function startDigestWorker(
  parts: WorkerParts,
  upgrade: Upgrade,
): Promise<SupervisedWorker<DigestMethods>> {
  const { config, folder, log, ownErrors, metrics, queue, onChanges } = parts
  const { queueFile, storeFile } = folder
  const note = newNote()
  let isWaiting = false
  const methods: DigestNews = {
    saved({ position, keep, release, result }) {
      queue.trim(position, keep)
      if (release !== undefined) queue.release(release)
      if (result !== undefined) onChanges(result.changes)
    },
    released: (position) => queue.release(position),
    waiting(isSo) {
      isWaiting = isSo
    },
    upgrading: (message) => upgrade.note(message),
    deleted: metrics.deleted,
    log(level, details, message) {
      log[level](details, message)
      const { err, projectId } = details as { err?: object; projectId?: number }
      if (err !== undefined) ownErrors.capture(Object.assign(new Error(), err), projectId)
    },
  }
  const data: DigestWorkerData = { config, queueFile, note, storeFile }
  const ofDigest = ofWorker('digest', parts)
  const worker = await superviseWorker<DigestMethods>({
    ...ofDigest,
    data,
    methods: reporting(methods, parts),
    takesLong: upgrade.hasBegun,
    holdUp: upgrade.sentence,
    onDeath(error, pauseMs) {
      ofDigest.onDeath(error, pauseMs)
      upgrade.fail()
    },
  })
  queue.onAppended(oncePerTurn(() => worker.remote.poke()))
  const isHanging = createHangCheck(note, queue.digestedTo)
  const watch = setInterval(() => isHanging(performance.now()) && worker.end(), HANG_CHECK_MS).unref()
  return {
    ...worker,
    trouble: () => upgrade.sentence() ?? worker.trouble() ?? (isWaiting ? WAITING : undefined),
    close() {
      clearInterval(watch)
      return worker.close()
    },
  }
}

/** Lets it digest what is there, as far as the time allows. The rest is digested after the next start. */
export async function endDigestWorker(
  worker: SupervisedWorker<DigestMethods>,
  { drainMs, log, upgrade }: { drainMs: number; log: FastifyBaseLogger; upgrade: Upgrade },
): Promise<void> {
  if (upgrade.sentence() !== undefined) {
    await worker.close()
    log.info('The upgrade of the store is interrupted: the next start goes on there.')
    return
  }
  try {
    const isDrained = await inTime(worker.remote.drain(), drainMs)
    if (!isDrained) log.warn('Some of the queue is left to digest at the next start.')
    await worker.remote.close()
  } catch (error) {
    log.warn({ err: error }, 'The digest worker did not end by itself; nothing is lost.')
  }
  await worker.close()
}

/** Starts what reads the store, from its first call on. */
function startQueryWorker(parts: WorkerParts, upgrade: Upgrade): Promise<SupervisedWorker<StoreReader>> {
  const data: QueryWorkerData = { storeFile: parts.folder.storeFile }
  return superviseWorker({ ...ofWorker('query', parts), data, holdUp: upgrade.sentence })
}

function ofWorker(
  worker: 'digest' | 'query',
  { log, ownErrors, metrics }: WorkerParts,
): Pick<SupervisedWorkerOptions, 'name' | 'file' | 'onDeath'> {
  const name = `${worker} worker`
  return {
    name,
    file: new URL(`./${worker}-worker.js`, import.meta.url),
    onDeath(error, pauseMs) {
      log.error({ err: error, pauseMs }, `The ${name} has ended; another one starts.`)
      metrics.workerDied(worker)
      ownErrors.capture(error)
    },
  }
}

/** Many bodies become durable in one turn. While the worker is away nobody listens: it begins with what is there. */
function oncePerTurn(poke: () => Promise<void>): () => void {
  let isPlanned = false
  return () => {
    if (isPlanned) return
    isPlanned = true
    setImmediate(() => {
      isPlanned = false
      poke().catch(() => undefined)
    })
  }
}

/** The worker cannot do anything about what fails here. */
function reporting<Methods extends object>(methods: Methods, { log, ownErrors }: WorkerParts): Methods {
  const entries = Object.entries(methods).map(([name, method]) => [
    name,
    (...parameters: unknown[]) => {
      try {
        method(...parameters)
      } catch (error) {
        log.error({ err: error }, `The main thread could not handle ${name} of a worker.`)
        ownErrors.capture(error)
      }
    },
  ])
  return Object.fromEntries(entries)
}
