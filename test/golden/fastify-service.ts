import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import Fastify from 'fastify'
import type { Exchange, Route } from './exchange.js'
import type { DriverInput, ServiceDescription, Started } from './start-service.js'

export async function startFastify({ description, options, kit, logStream }: DriverInput): Promise<Started> {
  const app = Fastify({
    logger: { level: 'debug', stream: logStream },
    ajv: { customOptions: { allErrors: true } },
    forceCloseConnections: true,
    ...(description.isHttp2 ? { http2: true } : {}),
    ...(description.hasServerErrors ? kit.fastifyOptions?.(options) : {}),
    ...serverLimits(description),
    ...description.fastifyOptions,
  } as FastifyServerOptions) as FastifyInstance

  if (!description.isRegisteredLast) await kit.onFastify?.(app, options)
  await description.onFastify?.(app)
  for (const route of description.routes ?? []) addRoute(app, route)
  if (description.isRegisteredLast) await kit.onFastify?.(app, options)

  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: (app.server.address() as AddressInfo).port, close: async () => app.close() }
}

function serverLimits({ requestTimeoutMs, bodyLimitBytes }: ServiceDescription): object {
  const timeouts = {
    connectionsCheckingInterval: 20,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
  }
  return {
    ...(bodyLimitBytes === undefined ? {} : { bodyLimit: bodyLimitBytes }),
    ...(requestTimeoutMs === undefined ? {} : { requestTimeout: requestTimeoutMs, http: timeouts }),
  }
}

function addRoute(app: FastifyInstance, { method, path, handler, place = 'handler', schema }: Route): void {
  const common = { method, url: path, ...(schema === undefined ? {} : { schema }) }
  if (place === 'handler') {
    app.route({ ...common, handler: (request, reply) => handler(exchange(request, reply)) })
    return
  }
  app.route({
    ...common,
    preHandler:
      place === 'async hook'
        ? async (request: FastifyRequest, reply: FastifyReply) => {
            await handler(exchange(request, reply))
          }
        : (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
            handler(exchange(request, reply))
            done()
          },
    handler: async () => ({ ok: true }),
  })
}

function exchange(request: FastifyRequest, reply: FastifyReply): Exchange {
  return {
    params: request.params as Record<string, string>,
    headers: request.headers,
    body: request.body,
    status: (code) => void reply.code(code),
    header: (name, value) => void reply.header(name, value),
    send: (body) => void reply.send(body),
    sendStream: (stream) => void reply.send(stream),
    fail: (error) => void reply.send(error),
    rawRequest: request.raw,
    rawResponse: reply.raw,
  }
}
