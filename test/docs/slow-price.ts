// One error of the Fastify shop, as docs/path-of-an-error.md follows it: what each station has of it.
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { combineReporters, type ErrorReport } from '@faultline/core'
import { recordingReporter } from '@faultline/core/testing'
import { buildApp } from '@faultline/example-fastify-shop'
import { createReporter } from '@faultline/node'
import type { Test } from 'tap'
import { startedCollector } from './started-collector.js'

const STATIONS = ['body', 'log', 'report', 'batch', 'answer', 'fingerprint', 'event', 'issue'] as const

/** Throws it, and gives what is shown by the name of its block. */
export async function slowPrice(t: Test): Promise<Record<(typeof STATIONS)[number], unknown>> {
  const { collector, dsn, ask } = await startedCollector(t, 'Shop')
  const wire = await listenIn(t, collector.url)
  const recorded = recordingReporter()
  const sending = createReporter({
    dsn: dsn.replace(/(?<=@)[^/]+/, wire.host),
    service: 'shop',
    environment: 'production',
    release: '1.4.2',
  })
  const log = logLines()
  const app = await buildApp({ log: log.stream, reporter: combineReporters(recorded, sending) })
  const response = await app.inject({
    method: 'POST',
    url: '/orders',
    headers: {
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'x-api-key': 'k-4711',
    },
    body: { reference: 'A-3', account: 'acme', article: 'antique', quantity: 1 },
  })
  await sending.flush(10_000)
  await app.close()
  await collector.drain()

  const body = response.json() as { instance: string }
  const event = await ask(`/events/${body.instance}`)
  const issue = await ask(`/issues/${event.issueId}`)
  const { thrown: _, ...report } = recorded.reports[0] as ErrorReport
  const [{ batch, answer } = {}] = wire.heard
  return {
    body,
    log: log.find('eventId'),
    report,
    batch,
    answer,
    fingerprint: issue.fingerprint,
    event,
    issue,
  }
}

interface Heard {
  batch: unknown
  answer: unknown
}

/** Stands between reporter and collector, and changes nothing. */
async function listenIn(t: Test, url: string): Promise<{ host: string; heard: Heard[] }> {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    const bytes = await buffer(request)
    const answer = await fetch(url + request.url, {
      method: 'POST',
      headers: passedOn(request.headers),
      body: bytes,
    })
    const text = await answer.text()
    heard.push({ batch: JSON.parse(gunzipSync(bytes).toString()), answer: JSON.parse(text) })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { host: `127.0.0.1:${(server.address() as { port: number }).port}`, heard }
}

function passedOn({ authorization = '', 'content-encoding': encoding = '' }: IncomingHttpHeaders) {
  return { authorization, 'content-encoding': encoding }
}

function logLines() {
  const lines: Record<string, unknown>[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trim().split('\n')) lines.push(JSON.parse(line))
      done()
    },
  })
  return { stream, find: (member: string) => lines.find((line) => member in line) }
}
