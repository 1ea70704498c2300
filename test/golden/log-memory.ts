import { Writable } from 'node:stream'

/** One JSON line of pino. */
export interface LogLine {
  level: number
  msg?: string
  err?: LoggedError
  eventId?: string
  reqId?: string | number
  /** The line as it was written. */
  text: string
  [field: string]: unknown
}

export interface LoggedError {
  type?: string
  message?: string
  stack?: string
  [field: string]: unknown
}

/** pino's levels. */
export const levels = { debug: 20, info: 30, warn: 40, error: 50 }

/** A stream for pino, and the lines it has received. */
export function logMemory(isForgetful = false): { stream: Writable; lines: LogLine[] } {
  const lines: LogLine[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      if (!isForgetful) lines.push(...parse(String(chunk)))
      done()
    },
  })
  return { stream, lines }
}

// The text is hidden from deep comparisons and from failure messages.
function parse(chunk: string): LogLine[] {
  return chunk
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => Object.defineProperty(JSON.parse(text), 'text', { value: text, enumerable: false }))
}
