import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import vm from 'node:vm'
import type { Answer } from '../ask.js'
import type { GoldenCase, Stage } from '../case.js'
import type { Throwing } from '../exchange.js'
import { throwing } from '../exchange.js'
import { isDocument, isGeneric500, isProblem, isSecret, loggedOnce } from '../expect.js'
import type { Service } from '../start-service.js'
import { throwingProxy } from './shape.js'

const ways: Throwing[] = ['sync', 'async', 'hook', 'async hook']
const falsyValues: unknown[] = [undefined, null, false, 0, '', Number.NaN]
const swallowed =
  "a value that is false ends Fastify's hook runner like done() without an argument: the route goes on"

export const thrownCases: GoldenCase[] = [
  ...falsyValues.flatMap((value) =>
    ways.map(
      (way): GoldenCase => ({
        number: '11',
        title: `${inspect(value)}, thrown ${way}, is a generic 500, logged once by its value`,
        ...(way === 'hook' ? { notOn: { fastify: swallowed } } : {}),
        async run(stage) {
          const { answer, service } = await thrown(stage, () => value, way, true)
          isGeneric500(answer)
          await loggedOnce(service, nameOf(value, stage, way), 50)
        },
      }),
    ),
  ),
  {
    number: '11',
    title: "Fastify goes on with the route when a hook throws a falsy value that is not a promise's",
    notOn: onlyFastify('about a hook runner that Express does not have'),
    async run(stage) {
      const { answer } = await thrown(stage, () => undefined, 'hook')
      assert.equal(answer.status, 200)
    },
  },
  ...['route', 'router'].map(
    (value): GoldenCase => ({
      number: '11',
      title: `'${value}', Express's control value, is an ordinary thrown string inside asyncHandler()`,
      notOn: { fastify: 'means nothing to Fastify: see 13' },
      async run(stage) {
        const { answer, service } = await thrown(stage, () => value, 'async', true)
        isGeneric500(answer)
        await loggedOnce(service, new RegExp(value))
      },
    }),
  ),
  {
    number: '12',
    title: 'Express without asyncHandler() takes a synchronously thrown undefined for next(): 404',
    notOn: { fastify: 'about asyncHandler() of Express' },
    async run(stage) {
      const service = await stage.start({
        routes: [{ ...throwing('/x', () => undefined), isWrapped: false }],
      })
      isProblem(await service.ask('/x'), 404)
    },
  },
  ...falsyValues.map(
    (value): GoldenCase => ({
      number: '12',
      title: `${inspect(value)}, thrown synchronously inside asyncHandler(), is a generic 500`,
      notOn: { fastify: 'about asyncHandler() of Express; see 11' },
      async run(stage) {
        const { answer, service } = await thrown(stage, () => value, 'sync', true)
        isGeneric500(answer)
        await loggedOnce(service, nameOf(value, stage, 'sync'))
      },
    }),
  ),
  ...(
    [
      ['a string', () => 'out of paper', /out of paper/],
      ['the number 404', () => 404, /404/],
      ['a BigInt', () => 10n, /10/],
      ['a Symbol', () => Symbol('odd'), /odd/],
      ['a function', () => function lost() {}, /function|lost/i],
      ['a promise', () => Promise.resolve(1), /promise/i],
      ['true', () => true, /true/],
    ] as [string, () => unknown, RegExp][]
  ).flatMap(([name, make, original]) =>
    ways.map((way) => genericCase('13', `${name}, thrown ${way},`, make, original, way)),
  ),
  genericCase('14', 'a plain object with a status', () => ({ status: 404, message: 'lost' }), /lost|object/i),
  genericCase(
    '14',
    'an object without prototype',
    () => Object.assign(Object.create(null), { status: 404 }),
    /object|404|null/i,
  ),
  genericCase('14', 'an empty array', () => [], /./),
  {
    number: '15',
    title: 'a thrown fetch Response is a generic 500 and its body is never echoed',
    async run(stage) {
      const { answer, service } = await thrown(stage, () => new Response('hunter2', { status: 404 }))
      isGeneric500(answer)
      isSecret('hunter2', { answer })
      await loggedOnce(service, /response/i)
    },
  },
  ...[Object.freeze, Object.seal, Object.preventExtensions].map(
    (close): GoldenCase => ({
      number: '16',
      title: `errors after Object.${close.name} are mapped as usual and logged with their message`,
      async run(stage) {
        const plain = await thrown(stage, () => close(new Error('frozen over')))
        isGeneric500(plain.answer)
        await loggedOnce(plain.service, /frozen over/)

        const { OutOfCredit } = stage.problems
        const known = await thrown(stage, () => close(new OutOfCredit({ balance: 30, cost: 50 })), 'async')
        await isDocument(known.answer, 'out-of-credit')
        await loggedOnce(known.service, /credit/i)
      },
    }),
  ),
  genericCase('17', 'an error whose every getter throws', hostileError, /./),
  genericCase('18', 'a Proxy whose every trap throws', throwingProxy, /./),
  genericCase('18', 'a Proxy of an error whose every trap throws', () => throwingProxy(), /./, 'async'),
  ...ways.map((way) => genericCase('18', `a revoked Proxy, thrown ${way},`, revokedProxy, /./, way)),
  ...(['name', 'message', 'code', 'stack', 'cause'] as const).flatMap((member) =>
    [Symbol('odd'), { odd: true }, () => 'odd', 7n].map((value) =>
      genericCase(
        '19',
        `an error whose ${member} is a ${typeof value}`,
        () => Object.defineProperty(new Error('original'), member, { value, enumerable: true }),
        member === 'message' ? /./ : /original/,
      ),
    ),
  ),
  {
    number: '23',
    title: 'an error of another realm is an error',
    async run(stage) {
      const foreign = vm.runInNewContext('new TypeError("from elsewhere")')
      const { answer, service } = await thrown(stage, () => foreign)
      isGeneric500(answer)
      const record = await loggedOnce(service, /^TypeError: from elsewhere/, 50)
      assert.match(String(record.err?.stack), /from elsewhere/)
    },
  },
]

/** Throws on a service of its own and asks for it. */
export async function thrown(
  stage: Stage,
  make: () => unknown,
  way: Throwing = 'sync',
  isWrapped?: boolean,
): Promise<{ answer: Answer; service: Service }> {
  const service = await stage.start({
    routes: [throwing('/x', make, way, isWrapped === undefined ? {} : { isWrapped })],
  })
  const answer = await service.ask('/x')
  return { answer, service }
}

/** A case that throws one thing, sees a generic 500 and one record, and that the service still answers. */
export function genericCase(
  number: string,
  name: string,
  make: () => unknown,
  original: RegExp,
  way: Throwing = 'sync',
): GoldenCase {
  return {
    number,
    title: `${name} is a generic 500, logged once`,
    async run(stage) {
      const { answer, service } = await thrown(stage, make, way)
      isGeneric500(answer)
      await loggedOnce(service, original, 50)
      isGeneric500(await service.ask('/x'))
    },
  }
}

function nameOf(value: unknown, { framework }: Stage, way: Throwing): RegExp {
  // Fastify itself turns a falsy rejection of a hook into an error of its own.
  if (framework === 'fastify' && way === 'async hook') return /Undefined error has occurred/
  return value === '' ? /''|""|``|empty/ : new RegExp(`\\b${value}\\b`)
}

function onlyFastify(reason: string): GoldenCase['notOn'] {
  return { express5: reason, express4: reason }
}

function hostileError(): Error {
  const error = new Error('unreadable')
  const members = [
    'name',
    'message',
    'stack',
    'code',
    'status',
    'statusCode',
    'headers',
    'cause',
    'expose',
    'toJSON',
    'then',
  ]
  for (const member of members) {
    Object.defineProperty(error, member, {
      enumerable: true,
      get() {
        throw new Error('not to be read')
      },
    })
  }
  return error
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
