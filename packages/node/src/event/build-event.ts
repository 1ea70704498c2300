import type { ErrorReport, ReportedException } from '@faultline/core'
import type { ErrorEvent, ExceptionRecord, StackFrame } from '@faultline/protocol'
import { fitContext } from './fit-context.js'
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

/** A builder of events, which remembers the stacks and the source that it has seen. */
export function createEventBuilder(options: EventBuilderOptions): EventBuilder {
  const readStack = createStackReader(options)
  const read = ({ stack, message }: ReportedException) => readStack(stack ?? '', message)
  const eventOf = (report: QueuedReport, exceptions: ExceptionRecord[]): ErrorEvent => {
    const { user, tenant, trace, tags, extra, breadcrumbs, ...rest } = report
    return withoutUndefined({
      ...rest,
      ...fitContext(report),
      ...options.surroundings,
      exceptions,
      sdk,
    })
  }
  return {
    build: async (report) => {
      const exceptions = report.exceptions.map(async (reported) => {
        const stack = read(reported)
        return exceptionOf(reported, stack, await stack.withSource())
      })
      return eventOf(report, await Promise.all(exceptions))
    },
    buildNow: (report) => {
      const exceptions = report.exceptions.map((reported) => {
        const stack = read(reported)
        return exceptionOf(reported, stack, stack.frames)
      })
      return eventOf(report, exceptions)
    },
  }
}

/** A stack that has no frames is kept as text, if it says anything behind the message. */
function exceptionOf(reported: ReportedException, read: ReadStack, frames: StackFrame[]): ExceptionRecord {
  const { stack, ...rest } = reported
  if (frames.length > 0 || read.isEmpty) return { ...rest, frames }
  return { ...rest, frames, meta: { ...rest.meta, stack } }
}

function withoutUndefined<Members extends object>(members: Members): Members {
  for (const name in members) if (members[name] === undefined) delete members[name]
  return members
}
