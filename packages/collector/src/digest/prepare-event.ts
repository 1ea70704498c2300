import type { ErrorEvent } from '@faultline/protocol'
import type { IntakeProtocol } from '../queue/queue.js'
import type { Fingerprint, NewDeadLetter, PreparedEvent, Severity } from '../store/store.js'
import { reasonOf } from './dead-reason.js'
import type { NormaliseContext } from './normalise/normalise-context.js'

/** What is done to each event, once it is normalised. */
export interface EventSteps {
  enrich(event: ErrorEvent, context: NormaliseContext): ErrorEvent
  /** `scrubbed`: the paths of what was filtered. */
  scrub(event: ErrorEvent): { event: ErrorEvent; scrubbed: string[] }
  scrubText(text: string): string
  fingerprintOf(event: ErrorEvent): Fingerprint
  describe(event: ErrorEvent): Pick<PreparedEvent, 'title' | 'type' | 'message' | 'culprit'>
  grade(event: ErrorEvent): Severity
}

/** An event as its body has it. */
export interface RawEvent {
  /** Counts the events of its body from 0. */
  index: number
  context: NormaliseContext
  normalise(context: NormaliseContext): ErrorEvent
}

export type Preparation = { prepared: PreparedEvent } | { dead: NewDeadLetter }

/** One event through all the steps. Never throws: a step that does costs this event, and no other. */
export function prepareEvent(raw: RawEvent, protocol: IntakeProtocol, steps: EventSteps): Preparation {
  let stage = 'normalise'
  try {
    const normalised = raw.normalise(raw.context)
    stage = 'enrich'
    const enriched = steps.enrich(normalised, raw.context)
    stage = 'scrub'
    const { event, scrubbed } = steps.scrub(enriched)
    stage = 'fingerprint'
    const fingerprint = steps.fingerprintOf(event)
    stage = 'describe'
    const description = steps.describe(event)
    stage = 'grade'
    const severity = steps.grade(event)
    return { prepared: { event, protocol, scrubbed, fingerprint, severity, ...description } }
  } catch (error) {
    return { dead: { index: raw.index, stage, reason: reasonOf(error), count: 1 } }
  }
}
