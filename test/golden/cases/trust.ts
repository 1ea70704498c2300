import assert from 'node:assert/strict'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createErrorHandler, defineProblems, ProblemError } from '@faultline/core'
import type { GoldenCase } from '../case.js'
import { get, throwing } from '../exchange.js'
import {
  isGeneric500,
  isPlainProblem,
  isProblem,
  isSecret,
  loggedOnce,
  requestsEnded,
  warnedOnce,
} from '../expect.js'
import { levels } from '../log-memory.js'
import { thrown } from './thrown.js'

const statusless: [string, unknown][] = [
  200,
  204,
  304,
  100,
  0,
  399,
  600,
  999,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  404.5,
  '404',
  'abc',
].map((status) => [typeof status === 'string' ? `'${status}'` : String(status), status])

class UpstreamError extends Error {
  constructor(readonly status: number) {
    super('upstream says no')
  }
}

export const trustCases: GoldenCase[] = [
  {
    number: '24',
    title: 'two copies of the core recognise each other by require, import and a copied package',
    ownApi: true,
    once: true,
    async run() {
      const { copy, remove } = await secondCopy()
      const required = createRequire(import.meta.url)('@faultline/core') as typeof import('@faultline/core')
      try {
        assert.notEqual(copy.ProblemError, ProblemError)
        const definition = { Gone2: { status: 410, title: 'Gone, again.' } } as const
        for (const other of [copy, required]) {
          const theirs = new (other.defineProblems({ base: 'https://a.example/' }, definition).Gone2)()
          const ours = new (defineProblems({ base: 'https://a.example/' }, definition).Gone2)()
          assert.ok(ProblemError.is(theirs))
          assert.ok(other.ProblemError.is(ours))
          const request = { method: 'GET', url: '/' }
          assert.equal(createErrorHandler({ logger: false }).handle(theirs, request).status, 410)
          assert.equal(other.createErrorHandler({ logger: false }).handle(ours, request).status, 410)
        }
      } finally {
        await remove()
      }
    },
  },
  ...statusless.map(
    ([name, status]): GoldenCase => ({
      number: '25',
      title: `an error whose status is ${name} is a generic 500`,
      async run(stage) {
        for (const member of ['status', 'statusCode']) {
          const { answer } = await thrown(stage, () => Object.assign(new Error('x'), { [member]: status }))
          isGeneric500(answer)
        }
      },
    }),
  ),
  {
    number: '25',
    title: 'a status getter is read at most once',
    async run(stage) {
      let reads = 0
      const make = () =>
        Object.defineProperty(new Error('x'), 'status', {
          enumerable: true,
          get() {
            reads++
            return reads === 1 ? 404 : 200
          },
        })
      const { answer, service } = await thrown(stage, make)
      isPlainProblem(answer, answer.status === 404 ? 404 : 500)
      await requestsEnded(service)
      assert.ok(reads <= 1, `read ${reads} times`)
    },
  },
  {
    number: '26',
    title: "a plain error's status is believed, its message is not shown, and it is logged at warn",
    async run(stage) {
      const slower = () => Object.assign(new Error('hunter2 is too fast'), { statusCode: 429 })
      const { answer, service } = await thrown(stage, slower)
      isPlainProblem(answer, 429)
      isSecret('hunter2', { answer })
      await loggedOnce(service, /too fast/, levels.warn)
      assert.deepEqual(service.reports, [])
    },
  },
  {
    number: '26',
    title: 'the status of a subclass is not believed: 500',
    async run(stage) {
      const { answer } = await thrown(stage, () => new UpstreamError(401))
      isGeneric500(answer)
    },
  },
  {
    number: '26',
    title: 'a disbelieved class is warned of once, with the cure',
    ownApi: true,
    async run(stage) {
      class StripeLikeError extends Error {
        status = 401
      }
      const service = await stage.start({ routes: [throwing('/x', () => new StripeLikeError('no key'))] })
      for (let times = 0; times < 3; times++) isGeneric500(await service.ask('/x'))
      await requestsEnded(service, 3)
      await warnedOnce(stage, /StripeLikeError.*(mapError|trustStatus)/s, service)
    },
  },
  ...['response', 'request', 'config', 'isAxiosError'].map(
    (mark): GoldenCase => ({
      number: '26',
      title: `a plain error with the upstream mark ${mark} is a generic 500`,
      async run(stage) {
        const { answer } = await thrown(stage, () =>
          Object.assign(new Error('x'), { status: 401, [mark]: {} }),
        )
        isGeneric500(answer)
      },
    }),
  ),
  {
    number: '26',
    title: 'a status set before the throw supplies the status only',
    async run({ start }) {
      const service = await start({
        routes: [
          get('/x', ({ status }) => {
            status(404)
            throw new Error('no hunter2 here')
          }),
          get('/ok', ({ status }) => {
            status(201)
            throw new Error('created nothing')
          }),
        ],
      })
      const answer = await service.ask('/x')
      isPlainProblem(answer, 404)
      isSecret('hunter2', { answer })
      isGeneric500(await service.ask('/ok'))
    },
  },
  {
    number: '26',
    title: 'trustStatus: true believes a subclass, but shows nothing of its message; false believes nobody',
    ownApi: true,
    async run({ start }) {
      const all = await start({
        options: { trustStatus: true },
        routes: [throwing('/x', () => new UpstreamError(401))],
      })
      const answer = await all.ask('/x')
      isProblem(answer, 401)
      isSecret('upstream', { answer })
      const none = await start({
        options: { trustStatus: false },
        routes: [throwing('/x', () => Object.assign(new Error('x'), { statusCode: 429 }))],
      })
      isGeneric500(await none.ask('/x'))
    },
  },
]

/** The built core once more, from another folder: other classes of the same names. */
async function secondCopy(): Promise<{
  copy: typeof import('@faultline/core')
  remove: () => Promise<void>
}> {
  const dist = dirname(fileURLToPath(import.meta.resolve('@faultline/core')))
  const folder = await mkdtemp(join(tmpdir(), 'second-core-'))
  await cp(join(dist, '..', 'package.json'), join(folder, 'package.json'))
  await cp(dist, join(folder, 'dist'), { recursive: true })
  await symlink(join(dist, '..', 'node_modules'), join(folder, 'node_modules'))
  const copy = await import(pathToFileURL(join(folder, 'dist/index.js')).href)
  return { copy, remove: () => rm(folder, { recursive: true }) }
}
