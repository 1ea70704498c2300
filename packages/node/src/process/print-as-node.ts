import { readFileSync, statSync, writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'

export type Origin = 'uncaughtException' | 'unhandledRejection'

const SOURCE_BYTES = 4_194_304
/** A bundle's line says nothing, and hides the error behind it. */
const LINE_LENGTH = 1000
/** A frame in a file. What Node and V8 have built in has none. */
const FRAME = /^ {4}at (?:async )?(?:[^(]* \()?((?:file:\/\/\/|\/|[A-Za-z]:[\\/]).*):(\d+):(\d+)\)?$/
const ENHANCE = 'kEnhanceStackBeforeInspector'
const EAGAIN_PAUSE_MS = 10
const EAGAIN_PAUSES = 100

/** Prints an error on standard error as Node does before it dies of it. It is written when this returns, and this never throws. */
export function printAsNode(thrown: unknown, origin: Origin): void {
  const error = origin === 'unhandledRejection' ? rejectionError(thrown) : thrown
  const snippet = attempt(() => sourceSnippet(error, origin)) ?? ''
  const text = inspected(error)
  const header = isErrorLike(error) ? snippet : 'Uncaught:\n'
  writeToStderr(`${header}${text}\n\nNode.js ${process.version}\n`)
}

/** What Node makes of the reason of a rejection: an error of its own, unless it is one. */
export function rejectionError(reason: unknown): unknown {
  if (isErrorLike(reason)) return reason
  const error = new Error(
    'This error originated either by throwing inside of an async function without a catch block, ' +
      'or by rejecting a promise which was not handled with .catch(). ' +
      `The promise rejected with the reason "${attempt(() => reasonText(reason))}".`,
  )
  error.name = 'UnhandledPromiseRejection'
  error.stack = `${error.name}: ${error.message}` // its frames would be ours
  return Object.assign(error, { code: 'ERR_UNHANDLED_REJECTION' })
}

/** V8's rule: what is no better described than by `Object.prototype.toString` is named by its class. */
function reasonText(reason: unknown): string {
  if (typeof reason !== 'object' || reason === null) return String(reason)
  const name = reason.toString === Object.prototype.toString && reason.constructor?.name
  return name ? `#<${name}>` : Object.prototype.toString.call(reason)
}

/** Node's own rule. */
function isErrorLike(value: unknown): value is { stack: unknown } {
  return attempt(() => typeof value === 'object' && value !== null && Object.hasOwn(value, 'stack')) === true
}

function inspected(error: unknown): string {
  const isObject = (typeof error === 'object' && error !== null) || typeof error === 'function'
  if (!isObject) return String(error)
  const depth = Math.max(inspect.defaultOptions.depth ?? 0, 5)
  const colors = attempt(() => process.stderr.isTTY && process.stderr.hasColors()) === true
  const show = () => inspect(error, { colors, depth, customInspect: false })
  return attempt(() => withEmitter(error, show)) ?? attempt(show) ?? '<the error cannot be shown>'
}

/** Node keeps at the error which emitter had nobody to hear its 'error', and shows it behind the stack. */
function withEmitter(error: object, show: () => string): string {
  const key = Object.getOwnPropertySymbols(error).find((symbol) => symbol.description === ENHANCE)
  if (key === undefined) return show()
  const enhanced = error as { stack: unknown } & Record<symbol, () => string>
  const { stack } = enhanced
  enhanced.stack = (enhanced[key] as () => string)()
  try {
    return show()
  } finally {
    enhanced.stack = stack
  }
}

/**
 * The place, its source line and a caret. Node knows where it was thrown; the error itself knows where it was made, which is most
 * often the same line.
 */
function sourceSnippet(error: unknown, origin: Origin): string | undefined {
  const { stack, message } = error as { stack: unknown; message?: unknown }
  if (typeof stack !== 'string') return undefined
  const messageAt = typeof message === 'string' ? stack.indexOf(message) : -1
  const frames = messageAt === -1 ? stack : stack.slice(messageAt + (message as string).length)
  const frame = frames
    .split('\n')
    .map((line) => FRAME.exec(line))
    .find((match) => match !== null)
  if (frame == null) return undefined
  const [, file, line, column] = frame as unknown as [string, string, string, string]
  const source = sourceLine(file, Number(line))
  if (source === undefined) return undefined
  const caretAt = caretColumn(source, Number(column), origin)
  const indent = source.slice(0, caretAt).replace(/[^\t]/g, ' ')
  return `${file}:${line}\n${source}\n${indent}^\n\n`
}

function sourceLine(file: string, line: number): string | undefined {
  const path = file.startsWith('file:') ? fileURLToPath(file) : file
  const about = statSync(path)
  if (!about.isFile() || about.size > SOURCE_BYTES) return undefined
  const source = readFileSync(path, 'utf8').split(/\r?\n/, line)[line - 1]
  return source !== undefined && source.length <= LINE_LENGTH ? source : undefined
}

/** Counts from 0. Of `throw new Error()` Node marks the `throw`, of a rejection the `new`. */
function caretColumn(source: string, column: number, origin: Origin): number {
  const at = column - 1
  if (origin === 'unhandledRejection' || !/^(?:new\b|[\w.]*Error\b)/.test(source.slice(at))) return at
  const throwAt = source.slice(0, at).search(/\bthrow\b[^;]*$/)
  return throwAt === -1 ? at : throwAt
}

/** At once, for the process may end next. A pipe that is full is waited for, a second at most. */
function writeToStderr(text: string): void {
  let rest: Uint8Array = Buffer.from(text)
  let pausesLeft = EAGAIN_PAUSES
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(2, rest))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || pausesLeft-- === 0) return
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EAGAIN_PAUSE_MS)
    }
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
