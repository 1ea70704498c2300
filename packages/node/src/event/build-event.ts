import type { ErrorReport, ReportedException } from '@faultline/core'
import type { ErrorEvent, ExceptionRecord, StackFrame } from '@faultline/protocol'
import { fitEvent, isObject, levelOf } from './fit-event.js'
import { sdk } from './sdk.js'
import { createStackReader, type ReadStack } from './stack-reader.js'
import type { Surroundings } from './surroundings.js'

/** What waits to be sent: plain data, without what was thrown. */
export type QueuedReport = Omit<ErrorReport, 'thrown'>

/** How events are built. */
export interface EventBuilderOptions {
  surroundings: Surroundings
  /** The application's folder: files below it are named relative to it. Default: the working folder. */
  root?: string | undefined
  /** Called once, when a stack names built lines because Node does not use the source map that is there. */
  onBuiltLines?: (() => void) | undefined
}

/** Makes events of reports. The frames of equal stacks may be the same objects: they must not be changed. */
export interface EventBuilder {
  /** With the source around the frames. Never rejects for what a report says. */
  build(report: QueuedReport): Promise<ErrorEvent>
  /** With so much of the source as was read before. */
  buildNow(report: QueuedReport): ErrorEvent
}

const STAND_INS = { level: 'error', handled: true, mechanism: 'manual', platform: 'node' } as const

/** A builder of events, which remembers the stacks and the source that it has seen. */
export function createEventBuilder(options: EventBuilderOptions): EventBuilder {
  const readStack = createStackReader(options)
  const read = ({ stack, message }: ReportedException) =>
    readStack(String(stack ?? ''), String(message ?? ''))
  const eventOf = (report: QueuedReport, exceptions: ExceptionRecord[]): ErrorEvent => {
    const level = levelOf(report.level)
    return fitEvent({ ...report, level, ...options.surroundings, exceptions, sdk }, STAND_INS)
  }
  return {
    build: async (report) => {
      const exceptions = exceptionsOf(report).map(async (reported) => {
        const stack = read(reported)
        return exceptionOf(reported, stack, await stack.withSource())
      })
      return eventOf(report, await Promise.all(exceptions))
    },
    buildNow: (report) => {
      const exceptions = exceptionsOf(report).map((reported) => {
        const stack = read(reported)
        return exceptionOf(reported, stack, stack.frames)
      })
      return eventOf(report, exceptions)
    },
  }
}

/** A path to hide may have led to them. */
function exceptionsOf({ exceptions }: QueuedReport): ReportedException[] {
  return Array.isArray(exceptions) ? exceptions.filter(isObject) : []
}

/** A stack that has no frames is kept as text, if it says anything behind the message. */
function exceptionOf(reported: ReportedException, read: ReadStack, frames: StackFrame[]): ExceptionRecord {
  const { stack, ...rest } = reported
  if (frames.length > 0 || read.isEmpty) return { ...rest, frames }
  return { ...rest, frames, meta: { ...(isObject(rest.meta) && rest.meta), stack } }
}
