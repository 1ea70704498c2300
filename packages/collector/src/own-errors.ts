import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { ErrorReport, Logger, ReportedException, Reporter } from '@faultline/core'
import { newEventId, thrownReport } from '@faultline/core/adapter'
import { type ErrorEvent, type StackFrame, truncateEvent } from '@faultline/protocol'
import type { NewBody } from './queue/queue.js'

/** The collector's own: the store makes it with its first event, and nobody has a key for it. */
const OWN_PROJECT = 0

const MOST_A_MINUTE = 10
const MINUTE_MS = 60_000
const MAX_FRAMES = 50

export interface OwnErrorOptions {
  append(body: NewBody): Promise<number>
  log: Pick<Logger, 'warn'>
  /** Milliseconds since 1970. */
  now(): number
}

/** Reports the collector's errors to itself. */
export interface OwnErrors extends Reporter {
  /**
   * An error that no request is about.
   * @param projectId of what was being handled, if that is known
   */
  capture(error: unknown, projectId?: number): void
}

/**
 * Makes the reporter of the collector's own project. So that an error in its handling cannot feed itself, what happens while that
 * project is handled is not reported, and of the rest ten a minute at most; all of it is in the log.
 */
export function createOwnErrors({ append, log, now }: OwnErrorOptions): OwnErrors {
  let minute = 0
  let reported = 0
  const mayReport = () => {
    const current = Math.floor(now() / MINUTE_MS)
    if (current !== minute) reported = 0
    minute = current
    return ++reported <= MOST_A_MINUTE
  }
  const report = (report: ErrorReport) => {
    if (isAboutOwnProject(report) || !mayReport()) return
    append(bodyOf(eventOf(report), now())).catch((error: unknown) => {
      log.warn({ err: error, eventId: report.id }, 'An error of the collector itself could not be kept.')
    })
  }
  return {
    report,
    capture(error, projectId) {
      if (projectId === OWN_PROJECT) return
      report(thrownReport(error, { mechanism: 'manual', handled: true, now: new Date(now()) }))
    },
    flush: async () => true,
    close: async () => true,
  }
}

function isAboutOwnProject({ request }: ErrorReport): boolean {
  return /\/api\/0(?:\/|$)/.test(request?.url ?? '')
}

function bodyOf(event: ErrorEvent, receivedAt: number): NewBody {
  const bytes = Buffer.from(JSON.stringify({ id: newEventId(receivedAt), events: [event] }))
  return {
    projectId: OWN_PROJECT,
    format: 'batch',
    encoding: 'identity',
    eventCount: 1,
    receivedAt,
    meta: {},
    bytes,
  }
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const surroundings = {
  service: 'faultline',
  environment: process.env.NODE_ENV || 'production',
  release: version,
  host: { name: hostname() },
  runtime: { name: 'node', version: process.versions.node },
  sdk: { name: '@faultline/collector', version },
}

function eventOf({ exceptions, ...report }: ErrorReport): ErrorEvent {
  const event = { ...report, ...surroundings, exceptions: exceptions.map(exceptionOf) }
  return truncateEvent(event as ErrorEvent)
}

function exceptionOf({ stack = '', ...exception }: ReportedException) {
  return { ...exception, frames: framesOf(stack) }
}

/** Of V8's text: `at name (file:1:2)` and `at file:1:2`. */
function framesOf(stack: string): StackFrame[] {
  const lines = stack.matchAll(
    /^ +at (?:(.{1,200}) \()?(?:file:\/\/)?([^()\n]{1,500}):(\d{1,9}):(\d{1,9})\)?$/gm,
  )
  return [...lines].slice(0, MAX_FRAMES).map(([, name, file = '', line, column]) => ({
    ...(name !== undefined && { function: name }),
    file,
    line: Number(line),
    column: Number(column),
    inApp:
      !file.startsWith('node:') && (!/node_modules/.test(file) || /@faultline\/[^/]+\/dist\//.test(file)),
  }))
}
