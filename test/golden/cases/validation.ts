import assert from 'node:assert/strict'
import { validationErrors, validationFailed } from '@faultline/core'
import { ValidationError } from 'class-validator'
import * as v from 'valibot'
import { z } from 'zod'
import type { Answer } from '../ask.js'
import type { GoldenCase } from '../case.js'
import { get, post, throwing } from '../exchange.js'
import { isGeneric500, isProblem, isSecret } from '../expect.js'
import { bestOf } from './chains.js'

const json = { 'content-type': 'application/json' }
const ownValidation = 'validates nothing by itself: zod, valibot and Standard Schema in 34 and 35'
const onlyFastify = { express5: ownValidation, express4: ownValidation }
const bodyBytesAtMost = 65_536

const orderSchema = {
  body: {
    type: 'object',
    properties: {
      a: { type: 'integer' },
      'a b': { type: 'integer' },
      'x/y~z': { type: 'integer' },
      l: {
        type: 'array',
        items: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
      },
    },
  },
}
const badOrder = JSON.stringify({ a: 'hunter2', 'a b': 'hunter2', 'x/y~z': 'hunter2', l: [{}] })

const userOfZod = z.object({ a: z.number(), l: z.array(z.object({ n: z.string() })) })
const userOfValibot = v.object({ a: v.number(), l: v.array(v.object({ n: v.string() })) })
const badUser = { a: 'hunter2', l: [{ n: 'fine' }, { n: 7 }] }

interface Entry {
  pointer?: string
  in?: string
  name?: string
  detail: string
  code?: string
}

export const validationCases: GoldenCase[] = [
  {
    number: '33',
    title: 'schema errors are a 400 whose errors point into the body, percent-encoded',
    notOn: onlyFastify,
    async run({ start }) {
      const service = await start({
        routes: [post('/orders', () => ({ ok: true }), { schema: orderSchema })],
      })
      const answer = await service.ask('/orders', { method: 'POST', headers: json, body: badOrder })
      isProblem(answer, 400)
      isSecret('hunter2', { answer })
      const found = errorsOf(answer).map(({ pointer, code }) => `${pointer} ${code}`)
      assert.deepEqual(found.sort(), ['#/a type', '#/a%20b type', '#/l/0/n required', '#/x~1y~0z type'])
      for (const entry of errorsOf(answer)) assert.ok(entry.detail.length > 0)
    },
  },
  {
    number: '33',
    title: 'schema errors are a 422 by validationStatus',
    ownApi: true,
    notOn: onlyFastify,
    async run({ start }) {
      const service = await start({
        options: { validationStatus: 422 },
        routes: [post('/orders', () => ({ ok: true }), { schema: orderSchema })],
      })
      isProblem(await service.ask('/orders', { method: 'POST', headers: json, body: badOrder }), 422)
    },
  },
  ...(
    [
      ['query', 'querystring', '/orders/7?limit=hunter2', {}],
      ['path', 'params', '/orders/hunter2', {}],
      ['header', 'headers', '/orders/7', { limit: 'hunter2' }],
    ] as const
  ).map(
    ([place, schemaName, path, headers]): GoldenCase => ({
      number: '34',
      title: `a schema error of the ${place} carries in and name, not a pointer`,
      notOn: onlyFastify,
      async run({ start }) {
        const schema = { [schemaName]: { type: 'object', properties: { limit: { type: 'integer' } } } }
        const service = await start({ routes: [get('/orders/:limit', () => ({ ok: true }), { schema })] })
        const answer = await service.ask(path, { headers })
        isProblem(answer, 400)
        isSecret('hunter2', { answer })
        const [entry] = errorsOf(answer)
        assert.deepEqual(
          [entry?.in, entry?.name, entry?.code, entry?.pointer],
          [place, 'limit', 'type', undefined],
        )
      },
    }),
  ),
  ...(['query', 'path', 'header'] as const).map(
    (place): GoldenCase => ({
      number: '34',
      title: `validationFailed() in the ${place} carries in and name, not a pointer`,
      ownApi: true,
      async run({ start }) {
        const fail = () =>
          validationFailed([{ message: 'Must be a number.', path: ['limit'] }], { in: place })
        const service = await start({ routes: [get('/orders', fail)] })
        const answer = await service.ask('/orders')
        isProblem(answer, 400)
        assert.deepEqual(errorsOf(answer), [{ in: place, name: 'limit', detail: 'Must be a number.' }])
      },
    }),
  ),
  ...(
    [
      ['zod with validationErrors()', () => userOfZod.parse(badUser)],
      ['valibot with validationErrors()', () => v.parse(userOfValibot, badUser)],
      ["zod's Standard Schema", async () => validationFailed(await userOfZod['~standard'].validate(badUser))],
      [
        "valibot's Standard Schema",
        async () => validationFailed(await userOfValibot['~standard'].validate(badUser)),
      ],
      [
        "Standard Schema's path objects",
        () =>
          validationFailed([
            { message: 'Wrong.', path: [{ key: 'a' }] },
            { message: 'Wrong.', path: [{ key: 'l' }, { key: 1 }, { key: 'n' }] },
          ]),
      ],
    ] as [string, () => unknown][]
  ).map(
    ([name, validate]): GoldenCase => ({
      number: '35',
      title: `${name}: a 400 with the same errors, without the rejected value`,
      ownApi: true,
      async run({ start }) {
        const service = await start({
          options: { mappings: [validationErrors()] },
          routes: [get('/x', async () => validate())],
        })
        const answer = await service.ask('/x')
        isProblem(answer, 400)
        isSecret('hunter2', { answer })
        assert.deepEqual(
          errorsOf(answer).map(({ pointer }) => pointer),
          ['#/a', '#/l/1/n'],
        )
      },
    }),
  ),
  {
    number: '35',
    title: 'class-validator with validationErrors(): nested errors point to their property',
    ownApi: true,
    async run({ start }) {
      const wrong = (property: string, more: object) =>
        Object.assign(new ValidationError(), { property, ...more })
      const errors = [
        wrong('a', { value: 'hunter2', constraints: { isInt: 'a must be an integer' } }),
        wrong('l', {
          children: [wrong('0', { children: [wrong('n', { constraints: { isString: 'n must be text' } })] })],
        }),
      ]
      const service = await start({
        options: { mappings: [validationErrors()] },
        routes: [throwing('/x', () => errors, 'async')],
      })
      const answer = await service.ask('/x')
      isProblem(answer, 400)
      isSecret('hunter2', { answer })
      assert.deepEqual(
        errorsOf(answer).map(({ pointer }) => pointer),
        ['#/a', '#/l/0/n'],
      )
    },
  },
  {
    number: '35',
    title: 'a ZodError without the mapping is a generic 500: it may be about our own data',
    async run({ start }) {
      const service = await start({ routes: [get('/x', () => userOfZod.parse(badUser))] })
      const answer = await service.ask('/x')
      isGeneric500(answer)
      isSecret('hunter2', { answer })
    },
  },
  {
    number: '35',
    title: 'at most 100 errors are listed, then truncated is true',
    ownApi: true,
    async run({ start }) {
      const routes = [100, 101].map((count) => get(`/${count}`, () => validationFailed(manyIssues(count))))
      const service = await start({ routes })
      const whole = await service.ask('/100')
      assert.deepEqual([errorsOf(whole).length, whole.body.truncated], [100, undefined])
      const cut = await service.ask('/101')
      assert.deepEqual([errorsOf(cut).length, cut.body.truncated], [100, true])
    },
  },
  {
    number: '36',
    title: '10 000 errors and property names of 1 MB end in a body of at most 64 KiB, in bounded time',
    ownApi: true,
    async run({ start }) {
      const megabyte = 'n'.repeat(1_000_000)
      const cases: Record<string, () => unknown> = {
        '/many': () => validationFailed(manyIssues(10_000)),
        '/long-name': () => validationFailed([{ message: 'Wrong.', path: [megabyte] }]),
        '/long-message': () => validationFailed([{ message: megabyte, path: ['a'] }]),
        '/deep': () =>
          validationFailed([{ message: 'Wrong.', path: Array.from({ length: 10_000 }, () => 'a') }]),
        '/long-names': () =>
          validationFailed(manyIssues(100).map((issue) => ({ ...issue, path: [megabyte] }))),
      }
      const service = await start({
        routes: Object.entries(cases).map(([path, fail]) => get(path, fail)),
      })
      for (const path of Object.keys(cases)) {
        const ms = await bestOf(2, async () => {
          const answer = await service.ask(path)
          isProblem(answer, 400)
          assert.ok(answer.bytes.length <= bodyBytesAtMost, `${path}: ${answer.bytes.length} bytes`)
        })
        assert.ok(ms < 250, `${path} took ${ms} ms`)
      }
    },
  },
  {
    number: '36',
    title: 'a request body that breaks a schema 10 000 times is answered within 64 KiB',
    notOn: onlyFastify,
    async run({ start }) {
      const service = await start({
        routes: [post('/orders', () => ({ ok: true }), { schema: orderSchema })],
      })
      const body = JSON.stringify({ l: Array.from({ length: 10_000 }, () => ({ n: 'no' })) })
      const answer = await service.ask('/orders', { method: 'POST', headers: json, body })
      isProblem(answer, 400)
      assert.ok(answer.bytes.length <= bodyBytesAtMost)
    },
  },
]

function errorsOf(answer: Answer): Entry[] {
  assert.ok(Array.isArray(answer.body.errors), answer.text.slice(0, 300))
  return answer.body.errors
}

function manyIssues(count: number): { message: string; path: (string | number)[] }[] {
  return Array.from({ length: count }, (_, index) => ({
    message: 'Must be a number.',
    path: ['list', index],
  }))
}
