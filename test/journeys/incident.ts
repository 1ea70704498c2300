import type { ErrorEvent, ExceptionRecord, StackFrame } from '@faultline/protocol'

export interface Place {
  name: string | undefined
  file: string
  line: number
  isInApp: boolean
  /** The code of that line, where the client reads source. */
  code: string | undefined
}

/** One error, in the words of neither protocol. What was thrown comes first, and its innermost frame. */
export interface Incident {
  chain: { type: string; message: string; places: Place[] }[]
  platform: 'node' | 'javascript'
  release: string
  host: string
}

const occurredAt = '2026-11-23T10:00:00.000Z'

/** As our own reporter sends it. */
export function nativeEvent(id: string, { chain, platform, release, host }: Incident): ErrorEvent {
  return {
    id,
    occurredAt,
    level: 'error',
    handled: true,
    mechanism: 'manual',
    platform,
    service: 'shop',
    environment: 'production',
    release,
    host: { name: host },
    exceptions: chain.map(
      ({ type, message, places }): ExceptionRecord => ({ type, message, frames: places.map(nativeFrame) }),
    ),
    sdk: { name: 'faultline.node', version: '0.1.0' },
  }
}

/** As a client of Sentry sends it: an envelope. */
export function sentryEnvelope(id: string, { chain, platform, release, host }: Incident): string {
  const event_id = id.replaceAll('-', '')
  const values = chain.map(({ type, message, places }, at) => ({
    type,
    value: message,
    stacktrace: { frames: places.map(sentryFrame).reverse() },
    mechanism:
      at === 0
        ? { type: 'generic', handled: true, exception_id: 0 }
        : { type: 'chained', handled: true, source: 'cause', exception_id: at, parent_id: at - 1 },
  }))
  const event = {
    event_id,
    timestamp: occurredAt,
    level: 'error',
    platform,
    release,
    server_name: host,
    exception: { values: values.reverse() },
    sdk: { name: `sentry.javascript.${platform === 'node' ? 'node' : 'browser'}`, version: '11.12.0' },
  }
  return [{ event_id }, { type: 'event' }, event].map((line) => `${JSON.stringify(line)}\n`).join('')
}

function nativeFrame({ name, file, line, isInApp, code }: Place): StackFrame {
  return {
    ...(name && { function: name }),
    file,
    line,
    column: 5,
    inApp: isInApp,
    ...(code && { context: { before: [], line: code, after: [] } }),
  }
}

function sentryFrame({ name, file, line, isInApp, code }: Place) {
  return {
    filename: file,
    function: name ?? '?',
    lineno: line,
    colno: 5,
    in_app: isInApp,
    ...(code && { context_line: code, pre_context: [], post_context: [] }),
  }
}
