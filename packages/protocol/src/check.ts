import type { TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors'
import { type Batch, BatchFrame } from './batch.js'
import { ErrorEvent, TIME_PATTERN, UUID_PATTERN } from './error-event.js'

const MAX_MISTAKES = 10
/** UTF-16 units; the names of members are the sender's. */
const MAX_MISTAKE_LENGTH = 300

/** An event of a batch that cannot be taken. */
export interface RejectedEvent {
  /** Where it stands in the `events` of the batch as it was sent. */
  index: number
  mistakes: string[]
}

/** A batch as it can be taken, or why it cannot: `mistakes` is there only when nothing of it can. */
export type BatchReading =
  | { mistakes: string[]; batch?: undefined; rejected?: undefined }
  | {
      mistakes?: undefined
      /** What was sent, with none but the valid events, in their order. */
      batch: Batch
      rejected: RejectedEvent[]
    }

const checkEvent = lazily(ErrorEvent)
const checkFrame = lazily(BatchFrame)

/**
 * What keeps a value from being an error event: `exceptions/0/frames/2/line: Expected integer`. None when it is one; at most 10.
 * What `truncateEvent` mends is no mistake.
 */
export function eventMistakes(value: unknown): string[] {
  return mistakesOf(checkEvent(), value)
}

/** Reads what a reporter has sent. A bad event costs only itself; anything else that is bad costs the batch. */
export function readBatch(value: unknown): BatchReading {
  const frame = checkFrame()
  if (!frame.Check(value)) return { mistakes: mistakesOf(frame, value) }

  const events: ErrorEvent[] = []
  const rejected: RejectedEvent[] = []
  for (const [index, event] of value.events.entries()) {
    const mistakes = eventMistakes(event)
    if (mistakes.length > 0) rejected.push({ index, mistakes })
    else events.push(event as ErrorEvent)
  }
  return { batch: { ...value, events }, rejected }
}

// Compiling takes milliseconds that nobody should pay who only imports this package.
function lazily<Schema extends TSchema>(schema: Schema): () => TypeCheck<Schema> {
  let compiled: TypeCheck<Schema> | undefined
  return () => {
    compiled ??= TypeCompiler.Compile(schema)
    return compiled
  }
}

function mistakesOf(check: TypeCheck<TSchema>, value: unknown): string[] {
  if (check.Check(value)) return []
  // TypeBox reports a missing member twice: as missing, and as of the wrong type.
  const byPath = new Map<string, string>()
  for (const error of check.Errors(value)) {
    if (!byPath.has(error.path)) byPath.set(error.path, mistakeOf(error))
    if (byPath.size === MAX_MISTAKES) break
  }
  return [...byPath.values()]
}

function mistakeOf(error: ValueError): string {
  const place = error.path === '' ? '' : `${error.path.slice(1)}: `
  const expected = expectationOf(error)
  const room = MAX_MISTAKE_LENGTH - expected.length - 1
  return (place.length > room ? `${place.slice(0, room - 2)}…: ` : place) + expected
}

function expectationOf({ type, schema, message }: ValueError): string {
  if (type === ValueErrorType.ObjectRequiredProperty) return message
  if (schema.pattern === UUID_PATTERN) return 'Expected a UUID'
  if (schema.pattern === TIME_PATTERN) return 'Expected a time as in RFC 3339'
  const choices = schema.anyOf?.map((choice: TSchema) => choice.const ?? choice.type)
  return choices === undefined ? message : `Expected one of ${choices.join(', ')}`
}
