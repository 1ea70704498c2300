import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import { firstAdminLink } from './access/first-admin.js'
import { hashToken, newToken } from './access/tokens.js'
import { dsnOf } from './api/dsn-of.js'
import type { Books } from './books.js'
import type { CollectorConfig } from './config.js'
import { takeDataFolder } from './data-folder.js'
import { endAll } from './end-all.js'
import { type Pipeline, startPipeline } from './pipeline.js'
import { publicUrlOf, schemeOf } from './public-url.js'
import type { IssueChange, Project, Remote, Role, StoreReader } from './store/store.js'

export interface CollectorOptions {
  /** Default: pino, to standard output. */
  log?: FastifyBaseLogger
  /** Milliseconds since 1970. Default: the clock's. */
  now?: () => number
}

/** A collector that runs. */
export interface Collector {
  /** Where this machine finds it. */
  readonly url: string
  readonly port: number
  /** What is stored. */
  readonly reads: Remote<StoreReader>
  /** Without id and key, the next free ones. */
  createProject(project: {
    name: string
    id?: number
    publicKey?: string
  }): Promise<Project & { dsn: string }>
  /** @returns the token, which is not stored and cannot be shown again */
  createToken(token: { name: string; role: Role }): Promise<string>
  /** While nobody has ever signed in: a new one-time link for the first administrator. */
  firstAdminLink(): Promise<string | undefined>
  /** Resolves once everything that was answered 2xx so far is digested. */
  drain(): Promise<void>
  /** What was received and what has become of it, at one moment. */
  readBooks(): Promise<Books>
  /** Calls back after each transaction; gives what ends it. */
  watch(listener: (changes: readonly IssueChange[]) => void): () => void
  /** Takes no more, finishes open requests, digests what is there, and ends within ten seconds. Nothing is lost. */
  close(): Promise<void>
}

/**
 * Starts a collector.
 * @throws CannotStart, StoreUnusable or QueueUnusable: a sentence for the operator, with the way out
 */
export async function startCollector(
  config: CollectorConfig,
  { log = pino({ level: config.logLevel }), now = Date.now }: CollectorOptions = {},
): Promise<Collector> {
  const ends: (() => Promise<void> | void)[] = []
  const watchers = new Set<(changes: readonly IssueChange[]) => void>()
  let { port } = config
  const publicUrl = () => publicUrlOf({ ...config, port })
  try {
    const folder = takeDataFolder(config.data)
    ends.push(folder.release)
    const pipeline = await startPipeline({
      config,
      folder,
      log,
      now,
      publicUrl,
      onChanges: (changes) => watchers.forEach((watcher) => void watcher(changes)),
      atEnd: (end) => void ends.push(end),
    })
    watchers.add(pipeline.live.add)
    const { listen } = await import('./server.js')
    port = await listen(pipeline.app, config)
    folder.tellUrl(publicUrl())
    const isUpgrading = pipeline.upgrade.sentence() !== undefined
    const state = isUpgrading ? 'takes events while its store is upgraded' : 'is ready'
    log.info(`The collector ${state}: ${publicUrl()}, data in ${folder.path}`)
    const end = async () => {
      await endAll(ends)
      log.info('The collector has stopped.')
    }
    const url = `${schemeOf(config)}://${reachable(config.host)}:${port}`
    return collectorOf(pipeline, { url, port, publicUrl, now, watchers, close: once(end) })
  } catch (error) {
    await endAll(ends).catch(() => undefined) // what has failed first says more
    throw error
  }
}

interface CollectorParts extends Pick<Collector, 'url' | 'port' | 'close'> {
  publicUrl(): string
  now(): number
  watchers: Set<(changes: readonly IssueChange[]) => void>
}

function collectorOf(pipeline: Pipeline, parts: CollectorParts): Collector {
  const { url, port, publicUrl, now, watchers, close } = parts
  const { keys, reads, writes, readBooks } = pipeline
  return {
    url,
    port,
    reads,
    async createProject(wanted) {
      const project = await writes.createProject(wanted, now())
      keys.forget()
      const [key = { publicKey: '', projectId: project.id }] = project.keys
      return { ...project, dsn: dsnOf(key, publicUrl()) }
    },
    async createToken({ name, role }) {
      const token = newToken()
      await writes.createToken({ name, role, hash: hashToken(token) }, now())
      return token
    },
    firstAdminLink: () => firstAdminLink({ ...pipeline, now }),
    drain: () => writes.drain(),
    readBooks,
    watch(listener) {
      watchers.add(listener)
      return () => void watchers.delete(listener)
    },
    close,
  }
}

/** Every address of this machine is none that can be asked. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

function once(work: () => Promise<void>): () => Promise<void> {
  let working: Promise<void> | undefined
  return () => {
    working ??= work()
    return working
  }
}
