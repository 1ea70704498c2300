import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { defineProblems, PROBLEM_MEDIA_TYPE, standardProblems } from '@faultline/core'
import { parseProblem } from '@faultline/core/client'
import { expectProblem } from '@faultline/core/testing'
import { errorMiddleware } from '@faultline/express'
import { errorPlugin } from '@faultline/fastify'
import { captureError, createReporter } from '@faultline/node'
import { readBatch } from '@faultline/protocol'
import eventSchema from '@faultline/protocol/schemas/error-event-v1.json' with { type: 'json' }
import Fastify from 'fastify'

const problems = defineProblems(
  { base: 'https://errors.shop.example/', include: standardProblems },
  { Busy: { status: 503, title: 'Try again soon.', retryAfterSeconds: 30 } },
)
const app = Fastify()
await app.register(errorPlugin, { problems })
app.get('/', () => {
  throw new problems.Busy()
})

const response = await app.inject('/')
assert.match(
  String(response.headers['content-type']),
  new RegExp(`^${PROBLEM_MEDIA_TYPE.replace('+', '\\+')}`),
)
assert.equal(response.headers['retry-after'], '30')
assert.equal(typeof parseProblem, 'function')
assert.equal(typeof expectProblem, 'function')
assert.equal(typeof errorMiddleware, 'function')

// An error travels from the packed SDK to a receiver.
const collector = createServer(async (request, response) => {
  const chunks = await request.toArray()
  const { batch, rejected } = readBatch(JSON.parse(gunzipSync(Buffer.concat(chunks)).toString()))
  assert.deepEqual(rejected, [])
  response.end(JSON.stringify({ accepted: batch.events.length, rejected }))
})
await new Promise((resolve) => collector.listen(0, '127.0.0.1', resolve))
const reporter = createReporter({
  dsn: `http://0123456789abcdef0123456789abcdef@127.0.0.1:${collector.address().port}/1`,
})
assert.match(captureError(new Error('Out of lamps')), /^[\da-f-]{36}$/)
assert.equal(await reporter.close(), true)
assert.equal(reporter.stats().sent, 1)
assert.equal(eventSchema.$id, 'urn:faultline:schemas:error-event:v1')
collector.close()
