import { newEventId } from '../context/event-id.js'
import { currentContext } from '../context/request-context.js'
import { parseTraceparent } from '../context/trace.js'
import { type SerializedError, serializeError } from '../thrown/serialize-error.js'
import { Thrown } from '../thrown/thrown.js'
import { unwrapThrown } from '../thrown/thrown-value.js'
import type { Complain } from './ask.js'
import type { ErrorRequest } from './error-request.js'
import type { Settings } from './settings.js'

/** One error of one request, on its way from the throw to the last one who is told. */
export interface Happening {
  readonly id: string
  readonly thrown: Thrown
  readonly request: ErrorRequest
  readonly settings: Settings
  readonly trace: { traceId: string; spanId: string } | undefined
  readonly traceId: string | undefined
  /** What went wrong while it was handled; logged after the response. */
  readonly complaints: { what: string; error: unknown }[]
  readonly complain: Complain
  /** The error for log, report and debug; made when first wanted, once. */
  serialized(): SerializedError
}

/** Names an error that has just arrived. */
export function happeningOf(value: unknown, request: ErrorRequest, settings: Settings): Happening {
  const thrown = new Thrown(unwrapThrown(value))
  const complaints: Happening['complaints'] = []
  const trace = parseTraceparent(request.headers?.traceparent) ?? currentContext()?.trace
  let serialized: SerializedError | undefined
  return {
    id: newEventId(),
    thrown,
    request,
    settings,
    trace,
    traceId: trace?.traceId,
    complaints,
    complain: (what, error) => complaints.push({ what, error }),
    serialized() {
      serialized ??= serializeError(thrown, {
        redactor: settings.redactor,
        bytes: settings.limits.logBytes,
        causes: settings.limits.causes,
      })
      return serialized
    },
  }
}
