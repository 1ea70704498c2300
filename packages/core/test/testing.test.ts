import { Type } from '@sinclair/typebox'
import t from 'tap'
import { defineProblems } from '../src/catalogue/define-problems.js'
import { standardProblems } from '../src/catalogue/standard-problems.js'
import { expectProblem, recordingReporter } from '../src/testing.js'

const problems = defineProblems(
  { base: 'https://errors.shop.example/', include: standardProblems },
  {
    OutOfCredit: {
      status: 403,
      title: 'You do not have enough credit.',
      extensions: Type.Object({
        balance: Type.Number(),
        cost: Type.Number(),
        until: Type.Unsafe<Date>(),
        list: Type.Array(Type.Unknown()),
      }),
    },
  },
)

const until = new Date(0)
const body = {
  type: 'https://errors.shop.example/out-of-credit',
  title: 'You do not have enough credit.',
  status: 403,
  detail: 'Your balance is 30, but that costs 50.',
  balance: 30,
  cost: 50,
  until: until.toISOString(),
  list: [{ a: 1, b: [null] }],
}
const headers = { 'content-type': 'application/problem+json; charset=utf-8' }
const text = JSON.stringify(body)

t.test('takes the responses of fetch, inject and supertest, and promises of them', async (t) => {
  const responses = [
    new Response(text, { status: 403, headers }),
    fetchLike(),
    { statusCode: 403, headers, body: text, payload: text, json: () => body },
    { status: 403, headers, body, text },
    { status: 403, headers, body },
  ]
  for (const response of responses) {
    const problem = await expectProblem(response, problems.OutOfCredit, { balance: 30 })
    t.match(problem, { name: 'OutOfCredit', status: 403, detail: body.detail, extensions: { cost: 50 } })
  }
})

t.test('compares members deeply, as they travel', async (t) => {
  const response = { status: 403, headers, text }
  await expectProblem(response, problems.OutOfCredit, { until, list: [{ b: [null], a: 1 }] })
  for (const list of [
    [],
    [{ a: 1 }],
    [{ a: 1, b: [] }],
    [{ a: 1, b: [0] }],
    [{ a: 1, b: { 0: null } }],
    [[1, [null]]],
    [null],
  ]) {
    await t.rejects(expectProblem(response, problems.OutOfCredit, { list }), { code: 'ERR_ASSERTION' })
  }
})

t.test('shows the difference', async (t) => {
  const response = { status: 403, headers, text }
  await t.rejects(expectProblem(response, problems.OutOfCredit, { balance: 31, cost: 50 }), {
    name: 'AssertionError',
    code: 'ERR_ASSERTION',
    message: /^Expected problem OutOfCredit:\n {2}body.balance is 30, not 31\n/,
    actual: { status: 403, body: { type: body.type, status: 403, balance: 30, cost: 50 } },
    expected: { status: 403, body: { type: body.type, status: 403, balance: 31, cost: 50 } },
  })
})

t.test('another problem, another status, another status in the body', async (t) => {
  await t.rejects(expectProblem({ status: 403, headers, text }, problems.Forbidden), {
    message: 'body.type is "https://errors.shop.example/out-of-credit", not "about:blank"',
  })
  await t.rejects(expectProblem({ status: 500, headers, text }, problems.OutOfCredit), {
    message: 'status is 500, not 403',
  })
  const lying = { status: 403, headers, text: JSON.stringify({ ...body, status: 404 }) }
  await t.rejects(expectProblem(lying, problems.OutOfCredit), { message: 'body.status is 404, not 403' })
})

t.test('says what a response is that is no problem', async (t) => {
  const expected = { code: 'ERR_ASSERTION', expected: 'application/problem+json' }
  const page = { status: 200, headers: { 'content-type': 'text/html' }, text: '<h1>Hello</h1>' }
  await t.rejects(expectProblem(page, problems.OutOfCredit), {
    ...expected,
    actual: 'text/html',
    message: /no problem: 200, text\/html\n"<h1>Hello<\/h1>"/,
  })
  await t.rejects(expectProblem({ status: 403, headers, text: '[]' }, problems.OutOfCredit), {
    message: /no problem/,
  })
  await t.rejects(expectProblem({ status: 204, headers: {} }, problems.OutOfCredit), {
    message: /without content-type/,
  })
})

t.test('recordingReporter remembers what it is told', async (t) => {
  const reporter = recordingReporter()
  const report = { id: '1' } as Parameters<typeof reporter.report>[0]
  reporter.report(report)
  reporter.countRequest('/orders/:id', 500)
  t.same(reporter.reports, [report])
  t.same(reporter.requests, [{ route: '/orders/:id', statusCode: 500 }])
  t.equal(await reporter.flush(), true)
  t.equal(reporter.isClosed, false)
  t.equal(await reporter.close(), true)
  t.equal(reporter.isClosed, true)
  reporter.clear()
  t.same([reporter.reports, reporter.requests], [[], []])
})

async function fetchLike(): Promise<Response> {
  return new Response(text, { status: 403, headers })
}
