import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { TraceContext } from '@faultline/core/adapter'
import { currentFolder } from './folders.js'

/** As much of `@opentelemetry/api` as is used. */
interface OpenTelemetry {
  trace: { getActiveSpan(): { spanContext(): TraceContext } | undefined }
  isSpanContextValid(context: TraceContext): boolean
}

let read: (() => TraceContext | undefined) | undefined

/** The span that this code runs in, if the application traces with OpenTelemetry. The first call looks for it. */
export function activeSpan(): TraceContext | undefined {
  read ??= spanReader()
  return read()
}

/**
 * Looks for `@opentelemetry/api` beside this package and beside the application, once. All its copies of one major version share
 * what the application has set up.
 * @param bases Files from whose place it is looked for.
 */
export function spanReader(bases = ownBases()): () => TraceContext | undefined {
  const api = bases.map(load).find((found) => found !== undefined)
  if (api === undefined) return () => undefined
  return () => {
    try {
      const context = api.trace.getActiveSpan()?.spanContext()
      if (context === undefined || !api.isSpanContextValid(context)) return undefined
      return { traceId: context.traceId, spanId: context.spanId }
    } catch {
      return undefined // somebody else's span must not cost an event
    }
  }
}

function ownBases(): string[] {
  const mainScript = process.argv[1]
  const folders = mainScript === undefined ? [currentFolder()] : [dirname(mainScript), currentFolder()]
  return [import.meta.url, ...folders.map((folder) => join(folder, 'package.json'))]
}

function load(base: string): OpenTelemetry | undefined {
  try {
    const api = createRequire(base)('@opentelemetry/api') as Partial<OpenTelemetry>
    const isUsable = typeof api.trace?.getActiveSpan === 'function' && api.isSpanContextValid !== undefined
    return isUsable ? (api as OpenTelemetry) : undefined
  } catch {
    return undefined
  }
}
