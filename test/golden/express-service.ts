import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express'
import express5 from 'express'
import express4 from 'express4'
import { pino } from 'pino'
import { pinoHttp } from 'pino-http'
import type { Exchange, Handler, Route } from './exchange.js'
import type { DriverInput, ServiceDescription, Started } from './start-service.js'

export async function startExpress(input: DriverInput): Promise<Started> {
  const { framework, description, options, kit, logStream } = input
  const express = framework === 'express4' ? express4 : express5
  const app = express()
  app.use(pinoHttp({ logger: pino({ level: 'debug' }, logStream) }))
  kit.beforeExpressRoutes?.(app, options)
  app.use(express.json({ limit: description.bodyLimitBytes ?? '100kb' }))

  await description.onExpress?.(app, express)
  const wrapsAll = framework === 'express4'
  for (const route of description.routes ?? []) {
    const isWrapped = route.isWrapped ?? wrapsAll
    const wrap = (isWrapped && kit.wrapExpressHandler) || ((handler: RequestHandler) => handler)
    addRoute(app, route, wrap)
  }
  kit.afterExpressRoutes?.(app, options)

  const server = http.createServer(serverLimits(description), app)
  if (description.hasServerErrors) kit.onExpressServer?.(server, options)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, close: () => close(server) }
}

function serverLimits({ requestTimeoutMs }: ServiceDescription): http.ServerOptions {
  if (requestTimeoutMs === undefined) return {}
  return {
    connectionsCheckingInterval: 20,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
  }
}

function close(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function addRoute(app: Express, route: Route, wrap: (handler: RequestHandler) => RequestHandler): void {
  const { method, path, handler, place = 'handler' } = route
  const add = app[method.toLowerCase() as 'get' | 'post' | 'put' | 'delete'].bind(app)
  if (place === 'handler') {
    add(path, wrap(respond(handler)))
    return
  }
  const hook: RequestHandler =
    place === 'hook'
      ? (request, response, next) => {
          handler(exchange(request, response, next))
          next()
        }
      : async (request, response, next) => {
          await handler(exchange(request, response, next))
          next()
        }
  add(path, wrap(hook), (_request, response) => void response.json({ ok: true }))
}

// Sends what the handler returns, as Fastify does. A handler that throws synchronously goes on doing so.
function respond(handler: Handler): RequestHandler {
  return (request, response, next) => {
    const send = (value: unknown) => {
      if (value !== undefined) response.json(value)
    }
    const value = handler(exchange(request, response, next))
    return value instanceof Promise ? value.then(send) : send(value)
  }
}

function exchange(request: Request, response: Response, next: NextFunction): Exchange {
  return {
    params: request.params as Record<string, string>,
    headers: request.headers,
    body: request.body,
    status: (code) => void response.status(code),
    header: (name, value) => void response.setHeader(name, value),
    send: (body) => void response.json(body),
    sendStream: (stream) => void stream.on('error', next).pipe(response),
    fail: next,
    rawRequest: request,
    rawResponse: response,
  }
}
