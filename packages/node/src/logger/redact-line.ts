import { type RedactOptions, redact } from '@faultline/core'

/**
 * A function that filters a finished line. By then everything is in it, whoever put it there: fields, bindings of child loggers,
 * messages, and what the serializers of Fastify and pino-http have made. It costs 4 to 13 µs a line.
 */
export function lineRedactor(options?: RedactOptions): (line: string) => string {
  return (line) => {
    try {
      return `${JSON.stringify(redact(JSON.parse(line), options))}\n`
    } catch {
      return UNREADABLE // somebody's serializer has written what is no JSON: it cannot be filtered
    }
  }
}

const UNREADABLE = '{"level":50,"msg":"A log record was no JSON and is left out."}\n'
