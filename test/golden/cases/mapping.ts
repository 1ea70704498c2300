import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { mapError, mapErrorWhen } from '@faultline/core'
import Boom from '@hapi/boom'
import createError from 'http-errors'
import type { GoldenCase, Stage } from '../case.js'
import { get, throwing } from '../exchange.js'
import { isDocument, isGeneric500, isProblem, isSecret, loggedOnce } from '../expect.js'
import type { Options } from '../kit.js'
import { thrown } from './thrown.js'

class DatabaseError extends Error {
  code = '23505'
  table = 'customers_hunter2'
  detail = 'Key (email)=(hunter2@shop.example) already exists.'
}

class ShopError extends Error {}
class StockError extends ShopError {}

export const mappingCases: GoldenCase[] = [
  {
    number: '27',
    title: 'http-errors: the message of a 404 is the detail',
    async run(stage) {
      const { answer } = await thrown(stage, () => createError(404, 'No such order.'))
      isProblem(answer, 404, { detail: 'No such order.', title: 'Not Found' })
    },
  },
  {
    number: '27',
    title: 'http-errors: the headers of a 401 are kept',
    async run(stage) {
      const headers = { 'WWW-Authenticate': 'Bearer realm="shop"' }
      const { answer } = await thrown(stage, () => createError(401, 'Please log in.', { headers }))
      isProblem(answer, 401, { detail: 'Please log in.' })
      assert.equal(answer.headers['www-authenticate'], 'Bearer realm="shop"')
    },
  },
  {
    number: '27',
    title: 'http-errors: the message of a 500 is hidden',
    async run(stage) {
      const { answer, service } = await thrown(stage, () => createError(500, 'hunter2 failed'))
      isGeneric500(answer)
      await loggedOnce(service, /hunter2 failed/)
    },
  },
  {
    number: '27',
    title: 'http-errors: an error wrapped by createError(409, error) shows nothing of its message',
    async run(stage) {
      const pg = () => Object.assign(new Error('duplicate key hunter2'), { code: '23505', table: 'hunter2' })
      const { answer } = await thrown(stage, () => createError(409, pg()))
      isProblem(answer, 409)
      isSecret('hunter2', { answer })
      isSecret('23505', { answer })
      const subclass = await thrown(stage, () => createError(409, new DatabaseError('duplicate key hunter2')))
      isSecret('hunter2', { answer: subclass.answer })
    },
  },
  {
    number: '28',
    title: 'boom notFound is a 404',
    async run(stage) {
      const { answer } = await thrown(stage, () => Boom.notFound('No such order.', { secret: 'hunter2' }))
      isProblem(answer, 404, { title: 'Not Found' })
      isSecret('hunter2', { answer })
    },
  },
  {
    number: '28',
    title: "boom unauthorized('no', 'Bearer') is a 401 with its challenge",
    async run(stage) {
      const { answer } = await thrown(stage, () => Boom.unauthorized('no', 'Bearer'))
      isProblem(answer, 401)
      assert.match(String(answer.headers['www-authenticate']), /^Bearer/)
    },
  },
  {
    number: '28',
    title: 'boom badImplementation is a generic 500',
    async run(stage) {
      const { answer } = await thrown(stage, () => Boom.badImplementation('hunter2', { secret: 'hunter2' }))
      isGeneric500(answer)
    },
  },
  ...(
    [
      ['pg 23505', () => new DatabaseError('duplicate key value violates "customers_hunter2"')],
      [
        'mongo 11000',
        () => Object.assign(new Error('E11000 dup key hunter2'), { code: 11000, keyValue: { a: 'hunter2' } }),
      ],
      ['ENOENT', () => readFile('/nowhere/hunter2').catch((error) => error)],
    ] as [string, () => unknown][]
  ).map(
    ([name, make]): GoldenCase => ({
      number: '29',
      title: `${name} is a generic 500 that names no table, key or path`,
      async run(stage) {
        const error = await make()
        const { answer } = await thrown(stage, () => error, 'async')
        isGeneric500(answer)
        isSecret('hunter2', { answer })
      },
    }),
  ),
  mapped(
    '29',
    'pg 23505 is a 409 by a mapping',
    ({ problems }) => ({
      mappings: [
        mapErrorWhen(
          (error: unknown) => (error as DatabaseError).code === '23505',
          () => new problems.SoldOut({ article: 'umbrella' }),
        ),
      ],
    }),
    () => new DatabaseError('duplicate'),
    'sold-out',
  ),
  ...[false, true].map((isReversed) => {
    const order = isReversed ? 'derived class first' : 'base class first'
    return mapped(
      '30',
      `the most specific of two mappings wins, ${order}`,
      ({ problems }) => {
        const mappings = [
          mapError(ShopError, () => new problems.Busy()),
          mapError(StockError, () => new problems.SoldOut({ article: 'umbrella' })),
        ]
        return { mappings: isReversed ? mappings.reverse() : mappings }
      },
      () => new StockError('out of stock'),
      'sold-out',
    )
  }),
  {
    number: '30',
    title: 'mappings of classes without or with the same names, as a minifier leaves them, are told apart',
    ownApi: true,
    async run({ start, problems }) {
      const classes = () => class extends Error {}
      const [A, B, C] = [classes(), class e extends Error {}, class e extends Error {}]
      const service = await start({
        options: {
          mappings: [
            mapError(A, () => new problems.Busy()),
            mapError(B, () => new problems.SoldOut({ article: 'b' })),
            mapError(C, () => new problems.OutOfCredit({ balance: 1, cost: 2 })),
          ],
        },
        routes: [throwing('/a', () => new A()), throwing('/b', () => new B()), throwing('/c', () => new C())],
      })
      isProblem(await service.ask('/a'), 503)
      isProblem(await service.ask('/b'), 409)
      isProblem(await service.ask('/c'), 403)
    },
  },
  mapped(
    '30',
    'a mapping that declines leaves the error to the next',
    ({ problems }) => ({
      mappings: [
        mapErrorWhen(
          () => true,
          () => undefined,
        ),
        mapErrorWhen(
          () => false,
          () => new problems.Busy(),
        ),
        mapErrorWhen(
          () => true,
          () => new problems.SoldOut({ article: 'umbrella' }),
        ),
      ],
    }),
    () => new Error('x'),
    'sold-out',
  ),
  mapped(
    '14',
    'a plain object is what a mapping makes of it',
    ({ problems }) => ({
      mappings: [
        mapErrorWhen(
          (value: unknown) => (value as { kind?: string }).kind === 'stock',
          () => new problems.SoldOut({ article: 'umbrella' }),
        ),
      ],
    }),
    () => ({ kind: 'stock' }),
    'sold-out',
  ),
  mapped(
    '15',
    'a thrown fetch Response is what a mapping makes of it',
    ({ problems }) => ({
      mappings: [mapError(Response, () => new problems.SoldOut({ article: 'umbrella' }))],
    }),
    () => new Response('hunter2', { status: 404 }),
    'sold-out',
  ),
  {
    number: '31',
    title: 'a mapping with causes: true matches two levels down, and the log keeps the outer error',
    ownApi: true,
    async run({ start, problems }) {
      const wrapped = () =>
        new Error('outer', { cause: new Error('middle', { cause: new StockError('inner') }) })
      const to = () => new problems.SoldOut({ article: 'umbrella' })
      const service = await start({
        options: { mappings: [mapError(StockError, to, { causes: true })] },
        routes: [throwing('/x', wrapped)],
      })
      await isDocument(await service.ask('/x'), 'sold-out')
      const record = await loggedOnce(service, /outer/)
      assert.match(record.text, /inner/)

      const without = await start({
        options: { mappings: [mapError(StockError, to)] },
        routes: [throwing('/x', wrapped)],
      })
      isGeneric500(await without.ask('/x'))
    },
  },
  {
    number: '31',
    title: 'nothing is recognised by its cause without a mapping',
    async run({ start, problems }) {
      const causes = [() => createError(404, 'x'), () => Boom.notFound('x'), () => new problems.Busy()]
      const service = await start({
        routes: causes.map((make, index) =>
          throwing(`/${index}`, () => new Error('outer', { cause: make() })),
        ),
      })
      for (const index of causes.keys()) isGeneric500(await service.ask(`/${index}`))
    },
  },
  {
    number: '32a',
    title: 'a parsed upstream problem that is thrown again is a 502, with it as cause in the log',
    ownApi: true,
    async run({ start, problems }) {
      const upstream = await start({
        routes: [throwing('/buy', () => new problems.OutOfCredit({ balance: 30, cost: 50 }))],
      })
      const { parseProblem } = await import('@faultline/core/client')
      const gateway = await start({
        routes: [
          get('/buy', async () => {
            const problem = await parseProblem<typeof problems>(await fetch(`${upstream.url}/buy`), {
              base: 'https://errors.shop.example/',
            })
            throw problem
          }),
        ],
      })
      const answer = await gateway.ask('/buy')
      isProblem(answer, 502, { type: 'about:blank', title: 'Bad Gateway' })
      isSecret('balance', { answer })
      const record = await loggedOnce(gateway, /./)
      assert.match(record.text, /credit/i)
    },
  },
  {
    number: '32a',
    title: 'passThrough() forwards type, detail and extensions under a new instance',
    ownApi: true,
    async run({ start, problems }) {
      const upstream = await start({
        routes: [throwing('/buy', () => new problems.OutOfCredit({ balance: 30, cost: 50 }))],
      })
      const { parseProblem } = await import('@faultline/core/client')
      const { passThrough } = await import('@faultline/core')
      const instances: unknown[] = []
      const gateway = await start({
        routes: [
          get('/buy', async () => {
            const problem = await parseProblem<typeof problems>(await fetch(`${upstream.url}/buy`), {
              base: 'https://errors.shop.example/',
            })
            assert.ok(problem)
            instances.push(problem.instance)
            throw passThrough(problem)
          }),
        ],
      })
      const answer = await gateway.ask('/buy')
      await isDocument(answer, 'out-of-credit')
      assert.notEqual(answer.body.instance, instances[0])
    },
  },
]

function mapped(
  number: string,
  title: string,
  optionsOf: (stage: Stage) => Options,
  make: () => unknown,
  document: string,
): GoldenCase {
  return {
    number,
    title,
    ownApi: true,
    async run(stage) {
      const service = await stage.start({ options: optionsOf(stage), routes: [throwing('/x', make)] })
      await isDocument(await service.ask('/x'), document)
    },
  }
}
