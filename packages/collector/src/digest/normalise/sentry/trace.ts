import type { ErrorEvent } from '@faultline/protocol'
import { recordOf } from '../untrusted.js'

/** `contexts.trace`, if it has ids that can be searched for. */
export function traceOf(said: unknown): ErrorEvent['trace'] {
  const trace = recordOf(said)
  const traceId = hexOf(trace?.trace_id, 32)
  if (traceId === undefined) return undefined
  const spanId = hexOf(trace?.span_id, 16)
  return spanId === undefined ? { traceId } : { traceId, spanId }
}

function hexOf(said: unknown, length: number): string | undefined {
  if (typeof said !== 'string' || said.length > 40) return undefined
  const hex = said.replaceAll('-', '').toLowerCase()
  return hex.length === length && /^[\da-f]+$/.test(hex) && !/^0+$/.test(hex) ? hex : undefined
}
