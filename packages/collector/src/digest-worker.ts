// The digest worker: takes bodies from the queue, and is the only regular writer of the store.
import { setTimeout } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { CollectorConfig } from './config.js'
import { createDigestBody } from './digest/digest-body.js'
import { createDigester, type Replay, type Saved } from './digest/digester.js'
import { enrich } from './digest/enrich/enrich.js'
import { fingerprintOf } from './digest/fingerprint/fingerprint.js'
import { describe } from './digest/grade/describe.js'
import { createGrader } from './digest/grade/grade.js'
import { normaliseSecurityReport } from './digest/normalise/normalise-security-report.js'
import { normaliseSentry } from './digest/normalise/normalise-sentry.js'
import { tidyNative } from './digest/normalise/tidy-native.js'
import { createScrubber } from './digest/scrub/create-scrubber.js'
import { inSlices } from './in-slices.js'
import { openQueueReader } from './queue/sqlite/open-queue.js'
import { type Channel, connect, serve } from './remote.js'
import { type DeletedBecause, startRetention } from './retention.js'
import type { UserWrites } from './store/people.js'
import { openStoreWriter } from './store/sqlite/open-store.js'
import { upgradeStore } from './store/sqlite/upgrade-store.js'
import type { Administration, Erased, ErasedUser } from './store/store.js'

/** What the worker is started with. */
export interface DigestWorkerData {
  config: CollectorConfig
  queueFile: string
  /** Which body is taken: it outlives the worker. */
  note: SharedArrayBuffer
  storeFile: string
}

/** What the main thread may ask of it. */
export interface DigestMethods extends Administration, UserWrites {
  /** There is more in the queue. */
  poke(): void
  /** Resolves once nothing is left to digest. */
  drain(): Promise<void>
  replayDeadLetter(id: number): Promise<Replay>
  /** @returns whether there was one */
  deleteDeadLetter(id: number): boolean
  eraseUser(user: ErasedUser): Promise<Erased>
  /** Ends after the transaction that is under way. */
  close(): Promise<void>
}

/** What it tells the main thread. */
export interface DigestNews {
  /** The queue is to be trimmed behind a transaction. */
  saved(saved: Pick<Saved, 'position' | 'keep'> & Partial<Saved>): void
  /** The body of a dead letter is needed no more. */
  released(position: number): void
  /** Whether a database fails, and digest waits for it. */
  waiting(isWaiting: boolean): void
  /** What the upgrade of the store is at, in a sentence; nothing once it is done. */
  upgrading(message: string | undefined): void
  /** So many events, and why. */
  deleted(because: DeletedBecause | 'erasure', events: number): void
  log(level: 'info' | 'warn' | 'error', details: object, message: string): void
}

const main = parentPort as unknown as Channel
const { config, queueFile, note, storeFile } = workerData as DigestWorkerData
const news = connect<DigestNews>(main).remote
const tell = (level: 'info' | 'warn' | 'error') => (details: object, message: string) =>
  told(news.log(level, sendable(details), message))
const log = { info: tell('info'), warn: tell('warn'), error: tell('error') }

const queue = openQueueReader(queueFile)
upgradeStore(storeFile, {
  onProgress(message) {
    log.info({}, message)
    told(news.upgrading(message))
  },
})
const store = openStoreWriter(storeFile)
told(news.upgrading(undefined))
const scrubber = createScrubber(config.scrub)

const ending = new AbortController()
const sleep = (ms: number, signal: AbortSignal) =>
  setTimeout(ms, undefined, { signal }).catch(() => undefined)
const pauses = { clock: () => performance.now(), sleep, signal: ending.signal }

const digester = createDigester({
  queue,
  store,
  digestBody: createDigestBody({
    normaliseSentry,
    normaliseSecurityReport,
    tidyNative,
    enrich,
    scrub: scrubber.event,
    scrubText: scrubber.text,
    fingerprintOf,
    describe,
    grade: createGrader(config.severityRules),
    limitBytes: config.bodyLimitBytes,
  }),
  note,
  onSaved: (saved) => told(news.saved(saved)),
  onWaiting: (isWaiting) => told(news.waiting(isWaiting)),
  log,
  sleep,
})

// Before anything is appended: a crash may have come between the last transaction and the trimming behind it.
told(news.saved({ position: store.position(), keep: store.keptPositions() }))
told(news.waiting(false))

const retention = startRetention({
  config,
  store,
  now: Date.now,
  onDeleted: (because, events) => told(news.deleted(because, events)),
  log,
  ...pauses,
})

const methods: DigestMethods = {
  poke: () => digester.poke(),
  drain: () => digester.drain(),
  replayDeadLetter: (id) => digester.replay(id),
  deleteDeadLetter(id) {
    const { found, released } = store.deleteDeadLetter(id)
    if (released !== undefined) told(news.released(released))
    return found
  },
  createProject: (project, now) => store.createProject(project, now),
  createKey: (projectId, publicKey, now) => store.createKey(projectId, publicKey, now),
  revokeKey: (publicKey, now) => store.revokeKey(publicKey, now),
  createToken: (token, now) => store.createToken(token, now),
  revokeToken: (id, now) => store.revokeToken(id, now),
  updateIssue: (issueId, edit, now) => store.updateIssue(issueId, edit, now),
  renameProject: (id, name) => store.renameProject(id, name),
  createTeam: (name, now) => store.createTeam(name, now),
  updateTeam: (id, edit) => store.updateTeam(id, edit),
  deleteTeam: (id) => store.deleteTeam(id),
  audit: (entry, now) => store.audit(entry, now),
  ...store.users,
  async eraseUser(user) {
    const erased = await inSlices(store.eraseUser(user, describe), pauses)
    told(news.deleted('erasure', erased.events))
    return erased
  },
  async close() {
    ending.abort(new Error('The collector is being stopped.'))
    await retention
    await digester.close()
    store.close()
    queue.close()
  },
}
serve(main, methods)
digester.poke()

/** The main thread handles its own errors. */
function told(sent: Promise<void>): void {
  sent.catch(() => undefined)
}

/** An error would lose its name and its code on the way. */
function sendable(details: object): object {
  const { err } = details as { err?: unknown }
  if (!(err instanceof Error)) return details
  const { name, message, stack } = err
  return { ...details, err: { name, message, stack } }
}
