import assert from 'node:assert/strict'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { defineProblems, problemResponses, standardProblems } from '@faultline/core'
import { parseProblem } from '@faultline/core/client'
import { expectProblem, recordingReporter } from '@faultline/core/testing'
import { Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import type { Answer } from '../ask.js'
import type { GoldenCase } from '../case.js'
import { problems } from '../catalogue.js'
import { get, post, throwing } from '../exchange.js'
import { isProblem, isSecret } from '../expect.js'

const base = 'https://errors.shop.example/'
const problemJson = { 'content-type': 'application/problem+json' }
const outOfCredit = { type: `${base}out-of-credit`, title: 'No.', status: 403, balance: 30, cost: 50 }

/** Every problem of the catalogue, thrown with data. */
const samples: Record<string, () => Error> = {
  OutOfCredit: () => new problems.OutOfCredit({ balance: 30, cost: 50 }),
  Busy: () => new problems.Busy(),
  SoldOut: () => new problems.SoldOut({ article: 'umbrella' }),
  DuplicateOrder: () => new problems.DuplicateOrder({ orders: ['7', '8'], kept: true }),
  Odd: () => new problems.Odd({ value: { deep: [1, null, 'x'] }, kept: 'kept' }),
  Moved: () => new problems.Moved(),
  Suspicious: () => new problems.Suspicious(),
  Somewhere: () => new problems.Somewhere(),
  ProxyLogin: () => new problems.ProxyLogin(),
}

export const toolCases: GoldenCase[] = [
  parses('a valid problem', JSON.stringify(outOfCredit), {
    name: 'OutOfCredit',
    status: 403,
    extensions: { balance: 30, cost: 50 },
  }),
  parses(
    'a charset parameter',
    JSON.stringify(outOfCredit),
    { name: 'OutOfCredit' },
    'Application/Problem+JSON; charset=utf-8',
  ),
  parses('a missing type', '{"title":"Forbidden","status":403}', {
    type: 'about:blank',
    name: 'Forbidden',
    status: 403,
  }),
  parses('a status that is text', JSON.stringify({ ...outOfCredit, status: '404' }), {
    name: 'OutOfCredit',
    status: 403,
  }),
  parses('an array', '[]', undefined),
  parses('invalid JSON', '{"type":', undefined),
  parses('null', 'null', undefined),
  parses('an unknown type', '{"type":"https://else.example/a","title":"Else.","status":403,"seats":[1]}', {
    name: 'UnknownProblem',
    type: 'https://else.example/a',
    extensions: { seats: [1] },
  }),
  {
    number: '74',
    title: 'parseProblem() of a huge body is an error that names the limit',
    ownApi: true,
    once: true,
    async run() {
      const body = JSON.stringify({ ...outOfCredit, more: 'x'.repeat(5_000_000) })
      const response = new Response(body, { status: 403, headers: problemJson })
      await assert.rejects(async () => parseProblem(response, { base }), /1[,_ ]?048[,_ ]?576|1 MiB/)
      await assert.rejects(
        async () => parseProblem({ status: 403, headers: problemJson, body }, { base, limitBytes: 1_000 }),
        /1[,_ ]?000/,
      )
    },
  },
  {
    number: '74',
    title: 'parseProblem() leaves a body of another media type unread',
    ownApi: true,
    once: true,
    async run() {
      for (const type of [
        'application/json',
        'text/html',
        'application/problem+xml',
        'application/problem+jsonx',
      ]) {
        const response = new Response('{}', { status: 403, headers: { 'content-type': type } })
        assert.equal(await parseProblem(response, { base }), undefined)
        assert.equal(response.bodyUsed, false)
        assert.equal(await response.text(), '{}')
      }
    },
  },
  ...Object.entries(samples).map(
    ([name, make]): GoldenCase => ({
      number: '75',
      title: `${name} goes from its definition over the wire to the client and is recognised`,
      ownApi: true,
      async run({ start }) {
        const error = make() as Error & { extensions: object; status: number }
        const service = await start({ routes: [throwing('/x', () => error)] })
        const types = { Somewhere: `${base}guide/somewhere` }
        const { status, headers, text } = await service.ask('/x')
        const problem = parseProblem<typeof problems>({ status, headers, body: text }, { base, types })
        assert.equal(problem?.name, name)
        assert.equal(problem.status, error.status)
        assert.deepEqual(problem.extensions, error.extensions ?? {})
        assert.equal(problem.origin, 'remote')
        if (name === 'Busy') assert.equal(problem.retryAfterSeconds, 30)
      },
    }),
  ),
  {
    number: '75',
    title: 'every standard problem is recognised, the about:blank ones by status',
    ownApi: true,
    async run({ start }) {
      const needs = { challenge: 'Bearer', allow: ['GET'], upgrade: 'TLS/1.3' }
      const entries = Object.entries(standardProblems as Record<string, new (options: object) => Error>)
      const service = await start({
        routes: entries.map(([name, Problem]) => throwing(`/${name}`, () => new Problem(needs))),
      })
      for (const [name] of entries) {
        const { status, headers, text } = await service.ask(`/${name}`)
        const problem = parseProblem<typeof problems>({ status, headers, body: text }, { base })
        assert.equal(problem?.name, name)
      }
    },
  },
  {
    number: '76',
    title: 'the OpenAPI of three problems, two of them 409, has oneOf by type, and examples',
    ownApi: true,
    once: true,
    async run() {
      const responses = problemResponses(
        problems.SoldOut,
        problems.DuplicateOrder,
        problems.OutOfCredit,
      ) as unknown as Responses
      assert.deepEqual(Object.keys(responses).sort(), ['403', '409'])
      const conflict = responses['409']?.content['application/problem+json']
      assert.deepEqual(conflict?.schema.oneOf?.map(typeOf), [`${base}sold-out`, `${base}duplicate-order`])
      const forbidden = responses['403']?.content['application/problem+json']
      assert.equal(forbidden && typeOf(forbidden.schema), `${base}out-of-credit`)
      assert.deepEqual(Object.keys(conflict?.examples ?? {}), ['SoldOut', 'DuplicateOrder'])
    },
  },
  {
    number: '76',
    title: 'beside problemResponses() the type of the success body is still checked',
    ownApi: true,
    once: true,
    async run() {
      const app = Fastify().withTypeProvider<TypeBoxTypeProvider>()
      const response = { 200: Type.Object({ ok: Type.Boolean() }), ...problemResponses(problems.SoldOut) }
      app.get('/right', { schema: { response } }, async () => ({ ok: true }))
      // @ts-expect-error the success body is { ok: boolean }
      app.get('/wrong', { schema: { response } }, async () => ({ ok: 'yes' }))
      assert.ok(app.hasRoute({ method: 'GET', url: '/right' }))
    },
  },
  {
    number: '76',
    title: "a route's OpenAPI names its problems, and the schema validates the live bodies",
    ownApi: true,
    notOn: { express5: 'writes no OpenAPI document', express4: 'writes no OpenAPI document' },
    async run({ start }) {
      const { default: swagger } = await import('@fastify/swagger')
      const response = {
        200: Type.Object({ ok: Type.Boolean() }),
        ...problemResponses(problems.SoldOut, problems.DuplicateOrder, problems.OutOfCredit),
      }
      let document: () => object = () => ({})
      const service = await start({
        async onFastify(app) {
          await app.register(swagger, {
            openapi: { openapi: '3.1.0', info: { title: 'Shop', version: '1' } },
          })
          document = () => app.swagger()
        },
        routes: (['SoldOut', 'DuplicateOrder', 'OutOfCredit'] as const).map((name) =>
          get(
            `/${name}`,
            () => {
              throw samples[name]?.()
            },
            { schema: { response } },
          ),
        ),
      })
      const { paths } = document() as { paths: Record<string, { get: { responses: Responses } }> }
      const documented = (name: string, status: number) =>
        paths[`/${name}`]?.get.responses[status]?.content['application/problem+json']?.schema
      const live = [
        ['SoldOut', 409],
        ['DuplicateOrder', 409],
        ['OutOfCredit', 403],
      ] as const
      // Fastify's own validation judges: a body schema each.
      const judge = await start({
        routes: live.map(([name, status]) =>
          post(`/${name}`, () => ({ ok: true }), { schema: { body: documented(name, status) } }),
        ),
      })
      for (const [name, status] of live) {
        const answer = await service.ask(`/${name}`)
        isProblem(answer, status)
        const judged = (body: object) =>
          judge.ask(`/${name}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          })
        assert.equal((await judged(answer.body)).status, 200)
        assert.equal((await judged({ ...answer.body, type: `${base}something-else` })).status, 400)
      }
    },
  },
  {
    number: '77',
    title: 'GET of a type URI is its page, as HTML or as JSON, and an unknown one a 404',
    ownApi: true,
    async run({ start, framework }) {
      const mounted = await start({
        options: framework === 'fastify' ? { problems, docs: '/problems' } : { problems },
        async onExpress(app) {
          const { problemDocs } = await import('@faultline/express')
          app.use('/problems', problemDocs(problems))
        },
      })
      const page = await mounted.ask('/problems/out-of-credit', { headers: { accept: 'text/html' } })
      isPage(page)
      assert.match(page.text, /You do not have enough credit\./)
      isSecret('<script>alert("docs")', { answer: page })
      isSecret('wiki.shop.example', { answer: page })

      const json = await mounted.ask('/problems/out-of-credit', { headers: { accept: 'application/json' } })
      assert.equal(json.status, 200)
      assert.match(String(json.headers['content-type']), /^application\/json/)
      assert.equal(json.body.type, `${base}out-of-credit`)
      isSecret('wiki.shop.example', { answer: json })

      isProblem(await mounted.ask('/problems/nothing-like-it'), 404)
      isProblem(await mounted.ask('/problems/%3Cscript%3E', { headers: { accept: 'text/html' } }), 404)
      for (const name of ['busy', 'sold-out', 'guide/somewhere'])
        isPage(await mounted.ask(`/problems/${name}`, { headers: { accept: 'text/html' } }))
    },
  },
  {
    number: '78',
    title: 'two definitions of one type, or of one name, are an error that names both',
    ownApi: true,
    once: true,
    async run() {
      const one = { status: 409, title: 'One.', type: 'same' } as const
      assert.throws(
        () => defineProblems({ base }, { First: one, Second: one } as never),
        /First.*Second|Second.*First/s,
      )
      const other = defineProblems(
        { base: 'https://other.example/' },
        { Busy: { status: 503, title: 'Busy.' } },
      )
      assert.throws(
        () =>
          defineProblems(
            { base, include: other } as never,
            { Busy: { status: 503, title: 'Busy, too.' } } as never,
          ),
        /Busy/,
      )
      const blank = { status: 409, title: 'Conflict', type: 'about:blank' } as const
      assert.doesNotThrow(() =>
        defineProblems({ base }, { First: blank, Second: { ...blank, status: 410, title: 'Gone' } }),
      )
    },
  },
  {
    number: '79',
    title: 'expectProblem() takes a fetch response and an inject-like one, and shows a clear difference',
    ownApi: true,
    async run({ start }) {
      const service = await start({
        routes: [throwing('/x', () => new problems.OutOfCredit({ balance: 30, cost: 50 }))],
      })
      const response = await expectProblem(fetch(`${service.url}/x`), problems.OutOfCredit, { balance: 30 })
      assert.equal(response.extensions.cost, 50)
      const { status, headers, text } = await service.ask('/x')
      await expectProblem({ statusCode: status, headers, body: text } as never, problems.OutOfCredit)

      const wrongData = expectProblem(fetch(`${service.url}/x`), problems.OutOfCredit, { balance: 31 })
      await assert.rejects(wrongData, (error: Error) => /31/.test(error.message) && /30/.test(error.message))
      const wrongProblem = expectProblem(fetch(`${service.url}/x`), problems.Busy)
      await assert.rejects(wrongProblem, /Busy|503/)
      // @ts-expect-error the definition has no such extension
      await assert.rejects(expectProblem(fetch(`${service.url}/x`), problems.OutOfCredit, { price: 1 }))
    },
  },
  {
    number: '79',
    title: 'recordingReporter() remembers what was reported',
    ownApi: true,
    async run({ start }) {
      const reporter = recordingReporter()
      const service = await start({ options: { reporter }, routes: [throwing('/x', () => new Error('x'))] })
      isProblem(await service.ask('/x'), 500)
      await service.close()
      assert.deepEqual(
        reporter.reports.map(({ exceptions }) => exceptions[0]?.message),
        ['x'],
      )
    },
  },
]

interface ProblemSchema {
  oneOf?: ProblemSchema[]
  properties?: { type?: { const?: string; enum?: string[] } }
}
type Responses = Record<string, { content: Record<string, { schema: ProblemSchema; examples?: object }> }>

function typeOf({ properties }: ProblemSchema): string | undefined {
  return properties?.type?.const ?? properties?.type?.enum?.[0]
}

function isPage(page: Answer): void {
  assert.equal(page.status, 200)
  assert.match(String(page.headers['content-type']), /^text\/html/)
}

function parses(
  name: string,
  body: string,
  expected: object | undefined,
  type = 'application/problem+json',
): GoldenCase {
  return {
    number: '74',
    title: `parseProblem() of ${name} is ${expected ? JSON.stringify(expected) : 'not a problem'}`,
    ownApi: true,
    once: true,
    async run() {
      const headers = { 'content-type': type }
      const parsed = await parseProblem<typeof problems>(new Response(body, { status: 403, headers }), {
        base,
      })
      const atOnce = parseProblem<typeof problems>({ status: 403, headers, body }, { base })
      assert.deepEqual(atOnce, parsed)
      if (expected === undefined) return assert.equal(parsed, undefined)
      for (const [member, value] of Object.entries(expected))
        assert.deepEqual(Reflect.get(parsed ?? {}, member), value, member)
    },
  }
}
