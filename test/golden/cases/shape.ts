import assert from 'node:assert/strict'
import { defineProblems } from '@faultline/core'
import { Type } from '@sinclair/typebox'
import type { GoldenCase } from '../case.js'
import { get, throwing } from '../exchange.js'
import {
  errorRecords,
  isDocument,
  isPlainProblem,
  isProblem,
  isSecret,
  requestsEnded,
  until,
  warnedOnce,
  warnings,
} from '../expect.js'

const broke = { balance: 30, cost: 50 }
const anything = (value: unknown) => value as never

export const shapeCases: GoldenCase[] = [
  {
    number: '1',
    title: 'a catalogue error is a problem with type, title, status, detail and its extensions, each once',
    async run({ start, problems }) {
      const service = await start({ routes: [throwing('/buy', () => new problems.OutOfCredit(broke))] })
      const answer = await service.ask('/buy')
      await isDocument(answer, 'out-of-credit')
      for (const name of Object.keys(answer.body))
        assert.equal(answer.text.split(`"${name}":`).length, 2, name)
    },
  },
  {
    number: '2',
    title: 'the status on the wire is the status in the body',
    async run({ start, problems }) {
      const service = await start({
        routes: [
          throwing('/catalogue', () => new problems.Busy()),
          throwing('/after', () => new problems.OutOfCredit(broke), 'async'),
          get('/contradicted', ({ status }) => {
            status(418)
            throw new problems.SoldOut({ article: 'umbrella' })
          }),
        ],
      })
      isProblem(await service.ask('/catalogue'), 503)
      isProblem(await service.ask('/after'), 403)
      isProblem(await service.ask('/contradicted'), 409)
    },
  },
  {
    number: '2',
    title: 'customize cannot change the status',
    ownApi: true,
    async run({ start, problems }) {
      const service = await start({
        options: { customize: (problem) => ({ ...problem, status: 418, shop: 'Berlin' }) },
        routes: [throwing('/buy', () => new problems.OutOfCredit(broke))],
      })
      isProblem(await service.ask('/buy'), 403, { shop: 'Berlin' })
    },
  },
  {
    number: '3',
    title: 'an error with a status outside a catalogue is about:blank with the phrase of its status as title',
    async run({ start }) {
      const conflict = () => Object.assign(new Error('two of us'), { statusCode: 409 })
      const service = await start({ routes: [throwing('/x', conflict)] })
      isPlainProblem(await service.ask('/x'), 409)
    },
  },
  {
    number: '4',
    title: 'the same definition with other data has the same title and another detail',
    async run({ start, problems }) {
      const service = await start({
        routes: [
          throwing('/a', () => new problems.OutOfCredit(broke)),
          throwing('/b', () => new problems.OutOfCredit({ balance: 1, cost: 2 })),
        ],
      })
      const [a, b] = [await service.ask('/a'), await service.ask('/b')]
      assert.equal(a.body.title, b.body.title)
      assert.equal(a.body.type, b.body.type)
      assert.equal(b.body.detail, 'Your balance is 1, but that costs 2.')
      assert.notEqual(a.body.detail, b.body.detail)
      assert.notEqual(a.body.instance, b.body.instance)
    },
  },
  ...['type', 'title', 'status', 'detail', 'instance', 'errors', 'truncated', 'traceId', 'debug'].map(
    (name): GoldenCase => ({
      number: '5',
      title: `an extension named ${name} is dropped with one warning`,
      ownApi: true,
      async run(stage) {
        const { Odd } = stage.problems
        const fail = () => new Odd(anything({ [name]: 'usurped', value: 1, kept: 'kept' }))
        const service = await stage.start({ routes: [throwing('/x', fail)] })
        const answer = await service.ask('/x')
        isProblem(answer, 409, { title: 'That is odd.', kept: 'kept' })
        assert.ok(!answer.text.includes('usurped'))
        await requestsEnded(service)
        await warnedOnce(stage, new RegExp(`\\b${name}\\b`), service)
      },
    }),
  ),
  {
    number: '5',
    title: 'an extension with the name of a core member does not compile',
    ownApi: true,
    once: true,
    async run() {
      const define = () =>
        defineProblems(
          { base: 'https://errors.shop.example/' },
          // @ts-expect-error `status` is a member of every problem
          { Taken: { status: 409, title: 'Taken.', extensions: Type.Object({ status: Type.Number() }) } },
        )
      assert.equal(typeof define, 'function')
    },
  },
  {
    number: '6',
    title: 'own keys __proto__, constructor and prototype pollute nothing',
    async run({ start, problems }) {
      const hostile =
        '{"balance":1,"cost":2,"__proto__":{"polluted":1},"constructor":{"polluted":1},"prototype":{}}'
      const service = await start({
        routes: [
          throwing('/catalogue', () => new problems.OutOfCredit(JSON.parse(hostile))),
          throwing('/plain', () => Object.assign(new Error('x'), { details: JSON.parse(hostile) })),
          throwing('/object', () => JSON.parse(hostile)),
        ],
      })
      isProblem(await service.ask('/catalogue'), 403, { balance: 1, cost: 2 })
      isProblem(await service.ask('/plain'), 500)
      isProblem(await service.ask('/object'), 500)
      assert.equal(Reflect.get({}, 'polluted'), undefined)
      assert.equal(Reflect.get(Object, 'polluted'), undefined)
    },
  },
  ...['a-b', 'ab', '1st', 'a.b'].map(
    (name): GoldenCase => ({
      number: '7',
      title: `an extension named ${name} is warned of when defined, and served`,
      ownApi: true,
      async run(stage) {
        const odd = defineProblems(
          { base: 'https://errors.shop.example/' },
          { OddlyNamed: { status: 409, title: 'Odd.', extensions: Type.Object({ [name]: Type.String() }) } },
        )
        assert.ok(
          (await warnings(stage)).some((text) => text.includes(name)),
          'a warning names it',
        )
        const service = await stage.start({
          routes: [throwing('/x', () => new odd.OddlyNamed(anything({ [name]: 'served' })))],
        })
        isProblem(await service.ask('/x'), 409, { [name]: 'served' })
      },
    }),
  ),
  ...Object.entries(unwritableValues()).map(
    ([name, value]): GoldenCase => ({
      number: '8',
      title: `an extension that is ${name} is replaced or dropped, the others and the status stay`,
      async run({ start, problems }) {
        const service = await start({
          routes: [throwing('/x', () => new problems.Odd({ value, kept: 'kept' }))],
        })
        isProblem(await service.ask('/x'), 409, { kept: 'kept', title: 'That is odd.' })
      },
    }),
  ),
  {
    number: '8',
    title: 'an extension that is itself a throwing getter is dropped, the others and the status stay',
    async run({ start, problems }) {
      const fail = () =>
        new problems.Odd({
          kept: 'kept',
          get value(): string {
            throw new Error('not to be read')
          },
        })
      const service = await start({ routes: [throwing('/x', fail)] })
      isProblem(await service.ask('/x'), 409, { kept: 'kept' })
    },
  },
  {
    number: '9',
    title: 'instance is the id of the event, which the log names',
    async run({ start, problems }) {
      const service = await start({ routes: [throwing('/x', () => new problems.Busy())] })
      const answer = await service.ask('/x')
      assert.match(String(answer.body.instance), /^urn:uuid:[\da-f-]{36}$/)
      await until(() => errorRecords(service).length > 0, 'the log record')
      assert.equal(`urn:uuid:${errorRecords(service)[0]?.eventId}`, answer.body.instance)
    },
  },
  ...[
    ['a path', (id: string) => `/errors/${id}`],
    ['no URI at all', () => 'no <uri> "at" all\r\n'],
    ['a broken percent', () => '/100%'],
    ['not a string', () => anything(7)],
    ['empty', () => ''],
  ].map(
    ([name, instance]): GoldenCase => ({
      number: '9',
      title: `a custom instance that is ${name} ends as a valid URI reference`,
      ownApi: true,
      async run({ start, problems }) {
        const service = await start({
          options: { instance: instance as (id: string) => string },
          routes: [throwing('/x', () => new problems.Busy())],
        })
        const answer = await service.ask('/x')
        isProblem(answer, 503)
        assert.match(String(answer.body.instance), /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[\da-f]{2})+$/i)
        assert.ok(URL.canParse(String(answer.body.instance), 'https://shop.example/'))
        if (name === 'a path') assert.match(String(answer.body.instance), /^\/errors\/[\da-f-]{36}$/)
      },
    }),
  ),
  {
    number: '9',
    title: 'a custom instance made from the URL holds no secrets of the query',
    ownApi: true,
    async run({ start, problems }) {
      const service = await start({
        options: { instance: (_id, request) => (request as { url: string }).url },
        routes: [throwing('/x', () => new problems.Busy())],
      })
      const answer = await service.ask('/x?token=hunter2&page=3')
      isProblem(answer, 503)
      isSecret('hunter2', { answer })
    },
  },
  {
    number: '10',
    title: 'a relative type resolves against the base of its catalogue',
    async run({ start, problems }) {
      const service = await start({ routes: [throwing('/x', () => new problems.Somewhere())] })
      isProblem(await service.ask('/x'), 404, { type: 'https://errors.shop.example/guide/somewhere' })
    },
  },
]

function unwritableValues(): Record<string, unknown> {
  const circular: Record<string, unknown> = { name: 'circle' }
  circular.self = circular
  return {
    'a BigInt': 10n,
    circular,
    'an object with a throwing getter': Object.defineProperty({}, 'x', {
      enumerable: true,
      get() {
        throw new Error('not to be read')
      },
    }),
    'an object with a throwing toJSON': {
      toJSON() {
        throw new Error('not to be written')
      },
    },
    'a Map': new Map([['a', 1]]),
    'a Date': new Date(0),
    'an invalid Date': new Date(Number.NaN),
    'a Symbol': Symbol('s'),
    'a function': () => 7,
    'a throwing Proxy': throwingProxy(),
    'deeply nested': nested(20_000),
  }
}

export function throwingProxy(): object {
  const refuse = () => {
    throw new Error('a trap')
  }
  const traps = Object.getOwnPropertyNames(Reflect).map((trap) => [trap, refuse])
  return new Proxy({}, Object.fromEntries(traps))
}

function nested(depth: number): object {
  let value: object = {}
  for (let level = 0; level < depth; level++) value = { value }
  return value
}
