// Node ≥ 20.19 gives require() the ES module.
const assert = require('node:assert/strict')
const { ProblemError, problem } = require('@faultline/core')
const { parseProblem } = require('@faultline/core/client')
const { recordingReporter } = require('@faultline/core/testing')
const { errorMiddleware } = require('@faultline/express')
const { errorPlugin } = require('@faultline/fastify')
const { createReporter, guard } = require('@faultline/node')
const { parseDsn } = require('@faultline/protocol')
const express = require('express')

assert.ok(ProblemError.is(problem(404)))
for (const fn of [parseProblem, recordingReporter, errorPlugin, createReporter, guard, parseDsn])
  assert.equal(typeof fn, 'function')

const app = express()
app.get('/', () => {
  throw problem(409, 'Taken.')
})
app.use(errorMiddleware)
const server = app.listen(0, '127.0.0.1', async () => {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/`)
  assert.equal(response.status, 409)
  assert.equal((await response.json()).detail, 'Taken.')
  server.close()
})
