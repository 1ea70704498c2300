import { createRedactor, type RedactOptions, type Redactor } from '../redaction/redact.js'
import { describeValue } from './describe-value.js'
import { JsonBudget } from './json-budget.js'
import { plainMembers } from './plain-json.js'
import { attempt, Thrown, tagOf } from './thrown.js'

/**
 * A thrown value as plain, bounded and redacted data. It has the look of an `Error`, so that every logger's own serialiser takes it
 * for one; nothing of it refers to the original.
 */
export interface SerializedError {
  type: string
  message: string
  stack?: string
  code?: string | number
  cause?: SerializedError
  aggregateErrors?: SerializedError[]
  [property: string]: unknown
}

export interface SerializeOptions {
  /** As the error handler's; its paths begin at `err`, as in a log record. Default: the suite's list. */
  redact?: RedactOptions
  /** UTF-8 bytes of JSON at most. Default: 65536. */
  bytes?: number
  /** Causes at most, one below the other. Default: 10. */
  causes?: number
}

/** Members of an `AggregateError` that are shown. */
const MAX_MEMBERS = 10
const MESSAGE_BYTES = 8192
const STACK_BYTES = 16_384
const META_BYTES = 8192
/** The names, quotes and commas of an error's own members. */
const STRUCTURE_BYTES = 64
const CUT = 'more causes were cut off'

/** Already read, or of no use in a log. */
const NOT_META: ReadonlySet<string> = new Set([
  'name',
  'message',
  'stack',
  'cause',
  'code',
  'type',
  'aggregateErrors',
])

/** pino takes the type from the constructor if there is one, else from `name`. */
const errorLike = Object.create(Error.prototype, {
  constructor: { value: undefined },
  name: {
    get(this: SerializedError) {
      return this.type
    },
  },
})

/**
 * Anything thrown, as data for a log or a report.
 * @param thrown Whatever `throw` or `reject` gave; what is no error is described.
 * @returns A copy, redacted, without getters, circles or more than `bytes`. Never throws.
 */
export function serializeError(thrown: unknown, options: SerializeOptions = {}): SerializedError {
  const redactor = createRedactor(options.redact)
  const err = copyError(attempt(() => thrown instanceof Thrown) ? (thrown as Thrown) : new Thrown(thrown), {
    redactor,
    budget: new JsonBudget((options.bytes ?? 65_536) * 0.8), // the rest is for the record around it
    causesLeft: options.causes ?? 10,
    seen: [],
  })
  return redactor.hide({ err }).err
}

interface Walk {
  redactor: Redactor
  budget: JsonBudget
  causesLeft: number
  seen: unknown[]
}

function copyError(thrown: Thrown, walk: Walk): SerializedError {
  const copy: SerializedError = Object.create(errorLike)
  walk.budget.spend(STRUCTURE_BYTES)
  const text = (value: string, mostBytes: number) => clipRedacted(value, mostBytes, walk)
  if (!thrown.isError && !looksLikeError(thrown)) {
    copy.type = 'NonError'
    copy.message = text(`No error but ${describeValue(thrown.value)} was thrown`, MESSAGE_BYTES)
    copy.stack = `${copy.type}: ${copy.message}`
    return copy
  }
  walk.seen.push(thrown.value)
  copy.type = text(thrown.typeName(), 256)
  copy.message = text(messageOf(thrown), MESSAGE_BYTES)
  copy.stack = text(thrown.readText('stack') ?? `${copy.type}: ${copy.message}`, STACK_BYTES)
  const code = thrown.read('code')
  if (typeof code === 'string') copy.code = text(code, 256)
  else if (Number.isFinite(code) && !isDomException(thrown)) copy.code = code as number
  copyMembers(thrown, copy, walk)
  copyMeta(thrown, copy, walk)
  copyCause(thrown, copy, walk)
  return copy
}

/** Redaction comes first, for a clipped secret is no longer known as one; far more than is kept need not be looked at. */
function clipRedacted(value: string, mostBytes: number, walk: Walk): string {
  return walk.budget.clip(walk.redactor.text(walk.budget.worthwhile(value, mostBytes)), mostBytes)
}

function messageOf(thrown: Thrown): string {
  const message = thrown.read('message')
  if (typeof message === 'string') return message
  return message === undefined ? '' : describeValue(message)
}

/** Its `code` is a number of long ago, for `name` says it. */
function isDomException(thrown: Thrown): boolean {
  return attempt(() => tagOf(thrown.value)) === '[object DOMException]'
}

/** An object with both a message and a stack was an error, before it was copied or sent. */
function looksLikeError(thrown: Thrown): boolean {
  return (
    typeof thrown.value === 'object' &&
    thrown.readText('message') !== undefined &&
    thrown.readText('stack') !== undefined
  )
}

function copyMeta(thrown: Thrown, copy: SerializedError, walk: Walk): void {
  const keys = attempt(() => Object.keys(thrown.value as object)) ?? []
  if (keys.length === 0) return
  const isMeta = (key: string) => !NOT_META.has(key) && !(key === 'errors' && copy.aggregateErrors)
  const bytes = Math.min(META_BYTES, walk.budget.left)
  const budget = new JsonBudget(bytes)
  const rules = { budget, filter: walk.redactor }
  const meta = plainMembers(keys.filter(isMeta), (key) => thrown.read(key), rules)
  for (const name in meta) if (meta[name] !== copy.message) copy[name] = meta[name]
  walk.budget.spend(bytes - budget.left)
}

function copyCause(thrown: Thrown, copy: SerializedError, walk: Walk): void {
  const cause = thrown.read('cause')
  if (cause === undefined) return
  if (walk.seen.includes(cause)) copy.cause = marker('the cause is circular')
  else if (walk.causesLeft <= 0 || walk.budget.isSpent) copy.cause = marker(CUT)
  else {
    walk.causesLeft--
    copy.cause = copyError(new Thrown(cause), walk)
  }
}

function copyMembers(thrown: Thrown, copy: SerializedError, walk: Walk): void {
  const all = membersOf(thrown)
  if (all === undefined) return
  const length = attempt(() => all.length) ?? 0
  const shown: SerializedError[] = []
  for (let i = 0; i < Math.min(length, MAX_MEMBERS) && !walk.budget.isSpent; i++) {
    shown.push(copyError(new Thrown(attempt(() => all[i])), { ...walk, causesLeft: 2 }))
  }
  if (shown.length < length) shown.push(marker(`${length - shown.length} more errors were cut off`))
  copy.aggregateErrors = shown
}

/** The members of an AggregateError, or of what looks like one: a list of issues or of texts is a property like others. */
function membersOf(thrown: Thrown): unknown[] | undefined {
  const errors = thrown.read('errors')
  const isAggregate = () =>
    Array.isArray(errors) && (thrown.value instanceof AggregateError || new Thrown(errors[0]).isError)
  return attempt(isAggregate) ? (errors as unknown[]) : undefined
}

function marker(message: string): SerializedError {
  return Object.assign(Object.create(errorLike), { type: 'Cut', message, stack: message })
}
