import assert from 'node:assert/strict'
import { defineProblems, PROBLEM_MEDIA_TYPE, standardProblems } from '@faultline/core'
import { parseProblem } from '@faultline/core/client'
import { expectProblem } from '@faultline/core/testing'
import { errorMiddleware } from '@faultline/express'
import { errorPlugin } from '@faultline/fastify'
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
