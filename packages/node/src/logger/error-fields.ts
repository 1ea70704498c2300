import { isNativeError } from 'node:util/types'
import { redact, type SerializedError, serializeError } from '@faultline/core'

/** pino's own serializer keeps of causes no more than their messages and stacks. */
export const errorSerializers = { err: serializeIfError, error: serializeIfError }

/** The fields of a record with the errors among them as data; JSON alone would make `{}` of them. */
export function serializeErrors(fields: Record<string, unknown>): Record<string, unknown> {
  try {
    const hasErrors = Object.values(fields).some(isError)
    if (!hasErrors) return fields
    return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, serializeIfError(value)]))
  } catch {
    return redact(fields) as Record<string, unknown> // a getter throws, and would in pino too
  }
}

function serializeIfError(value: unknown): unknown {
  if (!isError(value)) return value
  const err = isSerialized(value) ? (value as unknown as SerializedError) : serializeError(value)
  // The serializer of pino-http, which no logger can replace, spares what has no text as its message; in JSON this is one again.
  return { ...err, message: Object(err.message) }
}

function isError(value: unknown): value is Error {
  return isNativeError(value) || value instanceof Error
}

/** What serializeError has made looks like an Error but has no constructor. */
function isSerialized(value: Error): boolean {
  return (value.constructor as unknown) === undefined
}
