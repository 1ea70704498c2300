import type { Logger } from '../handler/error-request.js'

interface Console {
  debug(text: string): void
  info(text: string): void
  warn(text: string): void
  error(text: string): void
}

/** For services without a logger: one readable entry an error, on standard error where the console has it so. */
export const consoleLogger: Logger = {
  debug: () => undefined,
  info: (fields, message) => sink().info(entry(fields, message)),
  warn: (fields, message) => sink().warn(entry(fields, message)),
  error: (fields, message) => sink().error(entry(fields, message)),
}

/** Looked up at each write, for tests and tools put another one in its place. */
function sink(): Console {
  return globalThis.console
}

function entry(fields: object, message = ''): string {
  const { err, eventId, method, route, path, status } = fields as Record<string, unknown>
  const head = [method, route ?? path, status, eventId && `event ${eventId}`]
    .filter((part) => part !== undefined)
    .join(' ')
  const { stack } = (err ?? {}) as { stack?: string }
  return `${head}: ${stack ?? message}`
}
