// npm start: a collector and both shops that report to it, a few requests to each shop, and the curl lines to go on with.
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { styleText } from 'node:util'
import { type IssueChange, loadConfig, startCollector } from '@faultline/collector'
import { createReporter } from '@faultline/node'
import { pino } from 'pino'
import { issueLines } from './issue-lines.ts'

const logFile = join(tmpdir(), 'faultline-example.log')
const log = pino.destination({ dest: openSync(logFile, 'w'), sync: true }) as unknown as Writable

const fastifyPort = await freePort(3001)
const expressPort = await freePort(3002)
const data = mkdtempSync(join(tmpdir(), 'faultline-example-'))
const overrides = { host: '127.0.0.1', port: await freePort(8600), data }
const collector = await startCollector(loadConfig({ env: {}, overrides }), { log: pino(log) })
const projects = {
  fastify: await collector.createProject({ name: 'Fastify shop' }),
  express: await collector.createProject({ name: 'Express shop' }),
}
const token = await collector.createToken({ name: 'npm start', role: 'admin' })
// The catalogue reads it when it is loaded, so that each `type` leads to a page that is really there.
process.env.PROBLEMS_BASE ??= `http://localhost:${fastifyPort}/problems/`

const { buildApp } = await import('@faultline/example-fastify-shop')
const { createApp } = await import('@faultline/example-express-shop')
const { serverErrors } = await import('@faultline/express')

const reporters = {
  fastify: createReporter({ dsn: projects.fastify.dsn, service: 'fastify-shop' }),
  express: createReporter({ dsn: projects.express.dsn, service: 'express-shop' }),
}
const fastify = await buildApp({ log, reporter: reporters.fastify })
await fastify.listen({ port: fastifyPort })
const express = createApp({ log, reporter: reporters.express }).listen(expressPort)
serverErrors(express)

const order = { reference: 'A-1', account: 'acme', article: 'lamp', quantity: 1 }
const requests: {
  say: string
  path: string
  body?: object
  method?: string
  headers?: Record<string, string>
}[] = [
  { say: 'not enough credit', path: '/orders', body: { ...order, account: 'tiny' } },
  {
    say: 'the same in French',
    path: '/orders',
    body: { ...order, account: 'tiny' },
    headers: { 'accept-language': 'fr-CH' },
  },
  { say: 'a body with two mistakes', path: '/orders', body: { ...order, account: undefined, quantity: 0 } },
  { say: 'an order', path: '/orders', body: order },
  { say: 'the same once more: the database refuses', path: '/orders', body: order },
  { say: 'the price service is too slow', path: '/orders', body: { ...order, article: 'antique' } },
  { say: 'a bug', path: '/accounts/tiny/largest-order' },
  { say: 'an http-error from old code', path: '/coupons/SPRING' },
  { say: 'no such route', path: '/nothing' },
  { say: 'no such method', path: '/orders', method: 'DELETE' },
]

const shops = [
  { name: 'Fastify', url: `http://localhost:${fastifyPort}` },
  { name: 'Express', url: `http://localhost:${expressPort}` },
]
for (const { name, url } of shops) {
  console.log(styleText(['bold', 'inverse'], ` The shop on ${name}, ${url} `))
  for (const request of requests) await show(url, request)
}

console.log(`\n${styleText(['bold', 'inverse'], ' What the collector made of it ')}\n`)
await reporters.fastify.flush()
await reporters.express.flush()
await collector.drain()
const { items } = await collector.reads.issues({
  status: 'all',
  sort: 'lastSeen',
  limit: 200,
  now: Date.now(),
})
for (const { id } of items) await showIssue(id)

const [fastifyUrl, expressUrl] = shops.map((shop) => shop.url)
const json = `-H 'content-type: application/json'`
console.log(`\n${styleText(['bold', 'inverse'], ' Now you ')} The issues that you make appear below.

  curl -i ${fastifyUrl}/accounts/tiny/largest-order            # a bug: the collector hears of it
  curl -i ${fastifyUrl}/orders ${json} -d '${JSON.stringify({ ...order, account: 'tiny' })}'
  curl -i ${expressUrl}/orders ${json} -d '{"quantity": "many"}'
  curl -i ${expressUrl}/orders -X DELETE
  curl -i ${fastifyUrl}/exports/orders.csv -o /dev/null        # a stream that breaks off
  FAULTLINE_DSN=${projects.fastify.dsn} \\
    node_modules/.bin/node examples/worker-script/src/main.ts    # a job that crashes

  curl -H 'authorization: Bearer ${token}' ${collector.url}/api/v1/issues
  curl -H 'authorization: Bearer ${token}' ${collector.url}/api/v1/events/urn:uuid:…     # the instance of a problem
  curl ${collector.url}/metrics

  the page behind a type    ${fastifyUrl}/problems/out-of-credit
  the OpenAPI document      ${fastifyUrl}/docs
  the collector             ${collector.url}, data in ${data}
  the log of all three      ${logFile}

Ctrl-C stops.
`)
collector.watch((changes) => void showChanges(changes))

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)

type Shown = (typeof requests)[number]

async function show(url: string, { say, path, body, headers, method = body ? 'POST' : 'GET' }: Shown) {
  const response = await fetch(url + path, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    body: body && JSON.stringify(body),
  })
  const paint = response.ok ? 'green' : response.status < 500 ? 'yellow' : 'red'
  console.log(`\n${styleText('dim', `# ${say}`)}\n${method} ${path}`)
  console.log(styleText(paint, `${response.status} ${response.headers.get('content-type')}`))
  console.log(JSON.stringify(await response.json(), null, 2))
}

async function showChanges(changes: readonly IssueChange[]): Promise<void> {
  for (const { issueId } of changes) await showIssue(issueId)
}

async function showIssue(id: number): Promise<void> {
  const issue = await collector.reads.issue(id, Date.now())
  const last = issue && (await collector.reads.event(issue.lastEventId))
  if (issue && last) console.log(issueLines(issue, last.event))
}

/** The wanted port, or a free one if somebody has it. */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(freePort(0)))
    probe.listen(wanted, () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

async function stop(): Promise<void> {
  express.close()
  express.closeAllConnections()
  await fastify.close()
  await Promise.all([reporters.fastify.close(), reporters.express.close()])
  await collector.close()
  rmSync(data, { recursive: true, force: true })
  process.exit(0)
}
