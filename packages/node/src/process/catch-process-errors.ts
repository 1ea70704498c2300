import { isMainThread } from 'node:worker_threads'
import type { Logger, Reporter } from '@faultline/core'
import {
  isLogger,
  isMs,
  isReporter,
  type OptionCheck,
  optionMistakes,
  refuse,
} from '../config/check-options.js'
import { ProcessHooks } from './process-hooks.js'

export interface ProcessErrorOptions {
  /** Default: the one that `createReporter` made, looked for when there is something to report. */
  reporter?: Reporter | undefined
  /** Without one, nothing is logged; the error is on standard error all the same. */
  logger?: Logger | undefined
  /** 0 to 255. `false`: an error is logged, reported and printed, and the process goes on. Default: 1. */
  exitCode?: number | false | undefined
  /** Milliseconds that the process waits at most for the reporter to send what it has, before it ends. Default: 2000. */
  flushTimeoutMs?: number | undefined
}

let isCatching = false

/**
 * Logs, reports and prints what nobody has caught, then ends the process. Until it is called, nothing is installed.
 *
 * - `uncaughtException` and `unhandledRejection`: printed on standard error as Node does, logged as `fatal`, reported, flushed, exit.
 *   The application's own listeners run after ours, as they would without it; whatever they do, the process ends.
 *   A rejection counts whatever `--unhandled-rejections` says: with `none` and `warn` too it ends the process.
 * - `SIGTERM`, `SIGINT`: the reporter is flushed. Listeners of the application decide what becomes of the process; without any, the
 *   reporter is closed, which may take a second more, and the process dies by the signal. A second signal is not held up.
 * - `beforeExit`: what waits is flushed, once.
 *
 * In a worker thread it does nothing. Node hands an uncaught error of a worker to the parent's `Worker`, as its event `error`; where
 * nobody listens to that, it is uncaught in the parent, and caught there.
 * @returns Undoes it.
 * @throws InvalidConfiguration naming every mistake; a second call without an undo between is one.
 * @see https://nodejs.org/api/process.html#event-uncaughtexception
 */
export function catchProcessErrors(options: ProcessErrorOptions = {}): () => void {
  const mistakes = optionMistakes('catchProcessErrors', options, CHECKS)
  if (isCatching) mistakes.push('catchProcessErrors is active already: call what it has returned first')
  refuse(mistakes)
  if (!isMainThread) return () => undefined
  const { exitCode = 1, flushTimeoutMs = 2000 } = options
  const hooks = new ProcessHooks({ ...options, exitCode, flushTimeoutMs })
  hooks.install()
  isCatching = true
  let isUndone = false
  return () => {
    if (isUndone) return
    isUndone = true
    isCatching = false
    hooks.remove()
  }
}

const CHECKS: Readonly<Record<keyof ProcessErrorOptions, OptionCheck>> = {
  reporter: isReporter,
  logger: isLogger('warn', 'error'),
  exitCode: (value) =>
    value === false || isWholeUpTo(255, value) ? undefined : 'must be a whole number from 0 to 255, or false',
  flushTimeoutMs: isMs,
}

function isWholeUpTo(most: number, value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most
}
