/**
 * Loaded before a program with `--import`: installs the hooks of `catchProcessErrors` as the variable HOOKS says, and tells on
 * standard output, a line of JSON each, what logger and reporter are told. So one and the same program runs with the hooks and without.
 */
import { writeSync } from 'node:fs'
import { Writable } from 'node:stream'
import type { Logger, Reporter } from '@faultline/core'
import { catchProcessErrors } from '../../src/process/catch-process-errors.js'

export interface HooksPlan {
  exitCode?: number | false
  flushTimeoutMs?: number
  /** How it flushes. Default: at once. */
  reporter?: keyof typeof REPORTERS
  /** How it fails. Default: not at all. */
  logger?: keyof typeof LOGGERS
  /** Undone again at once. */
  undo?: boolean
}

function say(said: Record<string, unknown>): void {
  writeSync(1, `${JSON.stringify(said)}\n`)
}

let isFirstFlush = true

/** The first flush lasts until the program has thrown again. */
function flushUntilNextError(): Promise<boolean> {
  const resolveNow = !isFirstFlush
  isFirstFlush = false
  return new Promise((resolve) => {
    if (resolveNow) resolve(true)
    else process.once('uncaughtExceptionMonitor', () => setImmediate(resolve, true))
  })
}

const REPORTERS = {
  'at once': async () => true,
  hangs: () => new Promise<boolean>(() => undefined),
  rejects: async () => {
    throw new Error('flush rejects')
  },
  throws: () => {
    throw new Error('flush throws')
  },
  'throws later': async () => {
    setImmediate(() => {
      throw new Error('flush throws later')
    })
    return new Promise<boolean>((resolve) => setTimeout(resolve, 50, true))
  },
  slow: () => new Promise<boolean>((resolve) => setTimeout(resolve, 20, true)),
  'says false': async () => false,
  'report throws': async () => true,
  'until the next error': flushUntilNextError,
}

const brokenStream = () =>
  new Writable({ write: (_chunk, _encoding, done) => done(new Error('stream breaks')) })

const LOGGERS = {
  works: () => undefined,
  throws: () => {
    throw new Error('logger throws')
  },
  'throws later': () => {
    process.nextTick(() => {
      throw new Error('logger throws later')
    })
  },
  rejects: async () => {
    throw new Error('logger rejects')
  },
  'breaks its stream': () => void brokenStream().write('x'),
}

const plan = JSON.parse(process.env.HOOKS ?? '{}') as HooksPlan

function fatal(fields: object, message?: string): unknown {
  const { err, eventId } = fields as {
    err: { type: string; message: string; stack: string }
    eventId: string
  }
  say({ logged: message, type: err.type, hasStack: typeof err.stack === 'string', eventId })
  return LOGGERS[plan.logger ?? 'works']()
}

const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_fields, message) => say({ warned: message }),
  error: (_fields, message) => say({ errorLogged: message }),
  fatal,
}

const reporter: Reporter = {
  report: ({ id, thrown, level, handled, mechanism, exceptions }) => {
    if (plan.reporter === 'report throws') throw new Error('report throws')
    const isError = thrown instanceof Error
    say({
      reported: exceptions[0]?.message,
      eventId: id,
      level,
      handled,
      mechanism,
      ...(!isError && { raw: String(thrown) }),
    })
  },
  flush: (timeoutMs) => {
    say({ flush: Math.round((timeoutMs as number) / 100) * 100 })
    return REPORTERS[plan.reporter ?? 'at once']()
  },
  close: async (timeoutMs) => {
    say({ close: timeoutMs })
    return REPORTERS[plan.reporter ?? 'at once']()
  },
}

const { exitCode, flushTimeoutMs } = plan
const undo = catchProcessErrors({ reporter, logger, exitCode, flushTimeoutMs })
if (plan.undo) undo()
