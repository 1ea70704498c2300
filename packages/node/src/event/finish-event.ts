import type { RedactOptions } from '@faultline/core'
import { type ErrorEvent, eventMistakes, truncateEvent } from '@faultline/protocol'
import type { Complain } from '../complaints.js'
import type { EventBuilder, QueuedReport } from './build-event.js'
import { createEventRedactor } from './redact-event.js'

/** The last word of the application on an event: the event, changed or not, or `null` to send nothing. */
export type BeforeSend = (event: ErrorEvent) => ErrorEvent | null

/** An event, or why there is none. */
export type Finished = ErrorEvent | 'before_send' | 'failed'

/** Makes of a report what is sent. Never throws. */
export interface EventFinisher {
  finish(report: QueuedReport): Promise<Finished>
  /** Without what would have to be read from files first. */
  finishNow(report: QueuedReport): Finished
}

/** What an application has to say about every event. */
export interface FinishOptions {
  beforeSend?: BeforeSend | undefined
  redact?: RedactOptions | undefined
}

export function createEventFinisher(
  builder: EventBuilder,
  { beforeSend, redact: redactOptions }: FinishOptions,
  complain: Complain,
): EventFinisher {
  const hideMore = redactOptions && createEventRedactor(redactOptions)
  const decide = (built: ErrorEvent): Finished => {
    const event = hideMore?.(built) ?? built
    if (beforeSend === undefined) return truncateEvent(event)
    try {
      const decided = asked(beforeSend, event)
      return decided === null ? 'before_send' : truncateEvent(decided)
    } catch (error) {
      complain('beforeSend has failed, and the event went without its extras', error)
      return truncateEvent(bareEvent(event))
    }
  }
  const failed = (bug: unknown): Finished => {
    complain('an event could not be built', bug)
    return 'failed'
  }
  return {
    finish: (report) => builder.build(report).then(decide).catch(failed),
    finishNow: (report) => {
      try {
        return decide(builder.buildNow(report))
      } catch (bug) {
        return failed(bug)
      }
    },
  }
}

/** What `beforeSend` says, in a copy: nobody knows what it keeps hold of. @throws when it is no event */
function asked(beforeSend: BeforeSend, event: ErrorEvent): ErrorEvent | null {
  const { id } = event
  const said: unknown = beforeSend(structuredClone(event))
  if (said === null) return null
  if (typeof said !== 'object')
    throw new TypeError(`it returned ${typeof said}: return the event, or null to drop it`)
  if ('then' in said) {
    Promise.resolve(said).catch(() => undefined) // what it rejects with must not end the process
    throw new TypeError('it returned a promise: it must decide at once')
  }
  const copy = { ...JSON.parse(JSON.stringify(said)), id } as ErrorEvent
  const [mistake] = eventMistakes(copy)
  if (mistake !== undefined) throw new TypeError(`it returned no event: ${mistake}`)
  return copy
}

/** Without what `beforeSend` is most often there to take out. */
function bareEvent({
  message: _,
  user: _user,
  tenant: _tenant,
  tags: _tags,
  extra: _extra,
  breadcrumbs: _steps,
  ...rest
}: ErrorEvent): ErrorEvent {
  const { request, problem, exceptions } = rest
  return {
    ...rest,
    exceptions: exceptions.map(({ type, message, parent, frames }) => ({
      type,
      message,
      ...(parent !== undefined && { parent }),
      frames: frames.map(({ context: _context, ...frame }) => frame),
    })),
    ...(problem && {
      problem: {
        type: problem.type,
        title: problem.title,
        status: problem.status,
        instance: problem.instance,
      },
    }),
    ...(request && {
      request: { id: request.id, method: request.method, route: request.route, status: request.status },
    }),
  }
}
