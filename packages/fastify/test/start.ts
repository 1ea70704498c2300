import { Writable } from 'node:stream'
import { type ErrorPluginOptions, errorPlugin } from '@faultline/fastify'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'

export interface LogLine {
  level: number
  msg: string
  eventId?: string
  reqId?: unknown
  err?: { type: string; message: string }
  [field: string]: unknown
}

/** An application with the plugin, and no log. */
export async function appWith(
  options: ErrorPluginOptions = {},
  server: FastifyServerOptions = {},
): Promise<FastifyInstance> {
  const app = Fastify(server)
  await app.register(errorPlugin, { logger: false, ...options })
  return app
}

/** An application with the plugin, and the records that it has written: ours only. */
export async function loggedApp(options: ErrorPluginOptions = {}, server: FastifyServerOptions = {}) {
  const { stream, records } = logMemory()
  const app = Fastify({ ...server, logger: { level: 'debug', stream } })
  await app.register(errorPlugin, options)
  return { app, records }
}

/** A stream for pino, and the records of errors that it has received. */
export function logMemory() {
  const records: LogLine[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      const line = JSON.parse(chunk) as LogLine
      if (line.eventId !== undefined) records.push(line)
      done()
    },
  })
  return { stream, records }
}
