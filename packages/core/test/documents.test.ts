import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import t from 'tap'
import { defineProblems } from '../src/catalogue/define-problems.js'
import { standardProblems } from '../src/catalogue/standard-problems.js'
import { problemResponses } from '../src/documents/problem-responses.js'

const problems = defineProblems(
  { base: 'https://errors.shop.example/', include: standardProblems },
  {
    OutOfCredit: {
      status: 409,
      title: 'You do not have enough credit.',
      detail: (p) => `Your balance is ${p.balance}, but that costs ${p.cost}.`,
      extensions: Type.Object(
        { balance: Type.Number({ examples: [30] }), cost: Type.Number({ minimum: 50 }) },
        { $id: 'Credit', additionalProperties: false },
      ),
    },
    AlreadyPaid: { status: 409, title: 'That order is paid.', detail: () => 'Paid on Monday.' },
    Complicated: {
      status: 422,
      title: 'Complicated.',
      extensions: Type.Object({
        when: Type.String({ examples: ['2026-01-01'] }),
        tags: Type.Array(Type.Union([Type.Literal('a'), Type.Literal('b')])),
        deep: Type.Object({ ok: Type.Boolean(), none: Type.Null() }),
        maybe: Type.Optional(Type.Integer()),
      }),
    },
  },
)

const Order = Type.Object({ id: Type.String() })
const MEDIA_TYPE = 'application/problem+json'

type Response = {
  content: Record<string, { schema: Record<string, unknown>; examples: Record<string, { value: object }> }>
}

function responseOf(responses: object, status: number) {
  const response = (responses as Record<number, Response>)[status]
  const content = response?.content[MEDIA_TYPE]
  if (content === undefined) throw new Error(`no ${MEDIA_TYPE} under ${status}`)
  return content
}

// As an adapter does it: the body is already a string.
async function shop() {
  const app = Fastify().withTypeProvider<TypeBoxTypeProvider>()
  await app.register(swagger, { openapi: { openapi: '3.0.3' } })
  app.setErrorHandler((error, _request, reply) => {
    const { type, title, status, extensions } = error as InstanceType<typeof problems.NotFound>
    const body = JSON.stringify({
      type,
      title,
      status,
      detail: 'ä',
      ...extensions,
      undeclared: { kept: true },
    })
    return reply.code(status).header('content-type', MEDIA_TYPE).send(body)
  })
  const response = {
    200: Order,
    ...problemResponses(problems.OutOfCredit, problems.AlreadyPaid, problems.NotFound),
  }
  app.get('/orders/:id', { schema: { params: Order, response } }, async ({ params }) => {
    if (params.id === 'poor') throw new problems.OutOfCredit({ balance: 30, cost: 50 })
    if (params.id === 'paid') throw new problems.AlreadyPaid()
    if (params.id === 'none') throw new problems.NotFound()
    return { id: params.id }
  })
  // @ts-expect-error the success body has an id
  app.get('/misspelt', { schema: { response } }, async () => ({ di: 'x' }))
  app.get('/sent', { schema: { response } }, async (_request, reply) => {
    // @ts-expect-error a problem is thrown, not sent
    return reply.code(409).send({ type: 'x' })
  })
  return app
}

// Fastify's own Ajv, strict.
const validator = Fastify({
  ajv: { customOptions: { strict: true, removeAdditional: false, coerceTypes: false } },
})
validator.post<{ Body: { schema: object; value: unknown } }>('/', async (request) => {
  return { isAllowed: request.validateInput(request.body.value, request.body.schema) }
})

async function isAllowed(schema: object, value: unknown): Promise<boolean> {
  const response = await validator.inject({ method: 'POST', url: '/', payload: { schema, value } })
  if (response.statusCode !== 200) throw new Error(response.body)
  return response.json().isAllowed
}

t.test('one status, one entry; several problems of one status are alternatives', async (t) => {
  const responses = problemResponses(
    problems.OutOfCredit,
    problems.AlreadyPaid,
    problems.NotFound,
    problems.NotFound,
  )
  t.same(Object.keys(responses), ['404', '409'])
  t.match(responseOf(responses, 404).schema, {
    properties: { type: { enum: ['about:blank'] }, status: { enum: [404] } },
  })
  t.match(responseOf(responses, 409).schema, {
    oneOf: [
      {
        properties: {
          type: { enum: ['https://errors.shop.example/out-of-credit'] },
          balance: { type: 'number' },
        },
        required: ['type', 'title', 'status', 'balance', 'cost'],
        additionalProperties: true,
      },
      { properties: { type: { enum: ['https://errors.shop.example/already-paid'] } } },
    ],
  })
  t.notMatch(JSON.stringify(responses), '$id')
})

t.test('problems that only the status tells apart are no oneOf', async (t) => {
  const { Odd } = defineProblems({}, { Odd: { status: 400, title: 'Odd.' } })
  const { schema } = responseOf(problemResponses(problems.BadRequest, Odd), 400)
  t.match(schema, { anyOf: [{}, {}] })
})

t.test('examples are bodies that the schema allows', async (t) => {
  const all = Object.values(problems)
  const responses = problemResponses(...all)
  for (const { definition } of all) {
    const { schema, examples } = responseOf(responses, definition.status)
    t.equal(await isAllowed(schema, examples[definition.name]?.value), true, definition.name)
  }
  t.match(responseOf(responses, 409).examples, {
    OutOfCredit: { value: { detail: 'Your balance is 30, but that costs 50.', balance: 30, cost: 50 } },
  })
  t.match(responseOf(responses, 422).examples, {
    Complicated: { value: { when: '2026-01-01', tags: ['a'], deep: { ok: true, none: null } } },
  })
})

t.test('Fastify sends the whole body, and the schema allows it', async (t) => {
  const app = await shop()
  t.same((await app.inject('/orders/7')).json(), { id: '7' })
  const responses = problemResponses(problems.OutOfCredit, problems.AlreadyPaid, problems.NotFound)
  for (const [id, status] of [
    ['poor', 409],
    ['paid', 409],
    ['none', 404],
  ] as const) {
    const response = await app.inject(`/orders/${id}`)
    t.equal(response.statusCode, status)
    t.match(response.json(), { detail: 'ä', undeclared: { kept: true } })
    t.equal(await isAllowed(responseOf(responses, status).schema, response.json()), true)
  }
  const other = { type: 'about:blank', title: '', status: 409 }
  t.equal(await isAllowed(responseOf(responses, 409).schema, other), false)
})

t.test('OpenAPI shows them as application/problem+json', async (t) => {
  const app = await shop()
  await app.ready()
  const paths = app.swagger().paths as unknown as Record<
    string,
    { get: { responses: Record<number, Response> } }
  >
  const responses = paths['/orders/{id}']?.get.responses ?? {}
  t.equal((responseOf(responses, 409).schema.oneOf as unknown[]).length, 2)
  t.same(Object.keys(responseOf(responses, 409).examples), ['OutOfCredit', 'AlreadyPaid'])
  t.match(responseOf(responses, 404).schema, { properties: { type: { enum: ['about:blank'] } } })
  t.match(responses[409], { description: 'You do not have enough credit. Or: That order is paid.' })
})

t.test('a definition with odd schemas still has its document', async (t) => {
  const odd = defineProblems(
    {},
    {
      AllOf: {
        status: 400,
        title: 'a',
        extensions: Type.Intersect(
          [Type.Object({ abc: Type.Number() }), Type.Object({ def: Type.Number() })],
          { $id: 'Both' },
        ),
      },
      Fails: {
        status: 401,
        title: 'b',
        challenge: 'Bearer',
        detail: () => {
          throw new Error('template')
        },
      },
      Endless: {
        status: 402,
        title: 'c',
        extensions: Type.Recursive((This) => Type.Object({ next: Type.Array(This) })),
      },
    },
  )
  const responses = problemResponses(odd.AllOf, odd.Fails, odd.Endless)
  t.match(responseOf(responses, 400), {
    schema: { allOf: [{ allOf: [{}, {}] }] },
    examples: { AllOf: { value: { abc: 1, def: 1 } } },
  })
  t.notMatch(JSON.stringify(responses), '$id')
  t.notOk(Object.hasOwn(responseOf(responses, 401).examples.Fails?.value ?? {}, 'detail'))
  t.notOk(
    Object.hasOwn(responseOf(responses, 402).schema.properties as object, 'next'),
    'a reference would lead nowhere',
  )
})
