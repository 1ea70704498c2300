import { newEventId } from '../context/event-id.js'
import { knownEventId } from '../context/known-event-id.js'
import { currentContext } from '../context/request-context.js'
import { parseTraceparent, type TraceContext } from '../context/trace.js'
import { type SerializedError, serializeError } from '../thrown/serialize-error.js'
import { Thrown } from '../thrown/thrown.js'
import { unwrapThrown } from '../thrown/wrapped-value.js'
import type { Complain } from './ask.js'
import type { ErrorRequest } from './error-request.js'
import type { Settings } from './settings.js'

/** What came up while an error was handled. */
export interface Complaint {
  /** What it is about: `a mapping`, `the header x-foo`. */
  what: string
  error: unknown
  /** Nothing has failed, yet somebody should know. */
  isWarning: boolean
}

const NONE: readonly Complaint[] = []

/** One error of one request, on its way from the throw to the last one who is told. */
export class Happening {
  /** The one that a guard or a report by hand has given it, if it went through one. */
  readonly id: string
  readonly thrown: Thrown
  readonly request: ErrorRequest
  readonly settings: Settings
  readonly trace: TraceContext | undefined
  #complaints: Complaint[] | undefined
  #serialized: SerializedError | undefined

  constructor(value: unknown, request: ErrorRequest, settings: Settings) {
    this.thrown = new Thrown(unwrapThrown(value))
    this.id = knownEventId(this.thrown.value) ?? newEventId()
    this.request = request
    this.settings = settings
    this.trace = parseTraceparent(request.headers?.traceparent) ?? currentContext()?.trace
  }

  get traceId(): string | undefined {
    return this.trace?.traceId
  }

  /** Logged after the response. */
  get complaints(): readonly Complaint[] {
    return this.#complaints ?? NONE
  }

  /** Takes what has failed; can be handed on by itself. */
  get complain(): Complain {
    return (what, error) => this.#note({ what, error, isWarning: false })
  }

  /** Takes what somebody should know; can be handed on by itself. */
  get warn(): Complain {
    return (what, error) => this.#note({ what, error, isWarning: true })
  }

  #note(complaint: Complaint): void {
    this.#complaints ??= []
    this.#complaints.push(complaint)
  }

  /** The error for log, report and debug; made when first wanted, once. */
  serialized(): SerializedError {
    const { options, limits } = this.settings
    this.#serialized ??= serializeError(this.thrown, {
      redact: options.redact,
      bytes: limits.logBytes,
      causes: limits.causes,
    })
    return this.#serialized
  }
}
