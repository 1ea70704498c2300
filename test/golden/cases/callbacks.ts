import assert from 'node:assert/strict'
import { defineProblems, mapErrorWhen } from '@faultline/core'
import type { GoldenCase, Stage } from '../case.js'
import { throwing } from '../exchange.js'
import { errorRecords, isDocument, isGeneric500, isProblem, requestsEnded, until } from '../expect.js'
import type { Options } from '../kit.js'
import type { LogLine } from '../log-memory.js'

/** What an application's callback may do instead of its work. */
const misbehaviours: Record<string, () => unknown> = {
  throws: () => {
    throw new Error('broken callback')
  },
  'throws undefined': () => {
    throw undefined
  },
  'returns a promise': async () => 'too late',
  'returns a promise that rejects': async () => {
    throw new Error('broken callback')
  },
  'returns a promise that never settles': () => new Promise(() => {}),
}

/** Every place where an application's code runs, as options with the given code in it. */
const callbacks: Record<string, (misbehave: () => never) => Options> = {
  'a mapping': (misbehave) => ({ mappings: [mapErrorWhen(() => true, misbehave)] }),
  'a predicate of a mapping': (misbehave) => ({ mappings: [mapErrorWhen(misbehave, () => undefined)] }),
  customize: (misbehave) => ({ customize: misbehave }),
  context: (misbehave) => ({ context: misbehave }),
  instance: (misbehave) => ({ instance: misbehave }),
  locale: (misbehave) => ({ locale: misbehave }),
  shouldReport: (misbehave) => ({ shouldReport: misbehave }),
  legacyBody: (misbehave) => ({ legacyBody: misbehave }),
  onHandled: (misbehave) => ({ onHandled: misbehave }),
  'a reporter': (misbehave) => ({
    reporter: { report: misbehave, flush: async () => true, close: async () => true },
  }),
}

export const callbackCases: GoldenCase[] = [
  ...Object.entries(callbacks).flatMap(([callback, optionsWith]) =>
    Object.entries(misbehaviours).map(
      ([deed, misbehave]): GoldenCase => ({
        number: '32',
        title: `${callback} that ${deed}: the response is as without it`,
        ownApi: true,
        async run(stage) {
          const { problems } = stage
          const service = await stage.start({
            options: optionsWith(misbehave as () => never),
            routes: [
              throwing('/unexpected', () => new Error('original')),
              throwing('/buy', () => new problems.OutOfCredit({ balance: 30, cost: 50 })),
            ],
          })
          isGeneric500(await service.ask('/unexpected'))
          await isDocument(await service.ask('/buy'), 'out-of-credit')
          await requestsEnded(service, 2)
        },
      }),
    ),
  ),
  ...Object.entries(callbacks).flatMap(([callback, optionsWith]) =>
    ['throws', 'returns a promise that rejects'].map(
      (deed): GoldenCase => ({
        number: '32',
        title: `${callback} that ${deed} is logged once, beside the original`,
        ownApi: true,
        async run(stage) {
          const { problems } = stage
          const service = await stage.start({
            options: optionsWith(misbehaviours[deed] as () => never),
            routes: [
              throwing('/x', () => new Error('original')),
              // Only a problem with translations asks for the locale.
              throwing('/buy', () => new problems.OutOfCredit({ balance: 30, cost: 50 })),
            ],
          })
          await service.ask(callback === 'locale' ? '/buy' : '/x')
          await requestsEnded(service)
          const isFailure = ({ err, text }: LogLine) => !err && /broken callback|promise/.test(text)
          const failures = () => service.logs.filter(isFailure).map(({ text }) => text)
          await until(() => failures().length > 0, `a record of the failure of ${callback}`)
          await requestsEnded(service)
          assert.equal(failures().length, 1, failures().join('\n'))
          assert.equal(errorRecords(service).length, 1)
        },
      }),
    ),
  ),
  ...Object.entries(misbehaviours).map(
    ([deed, misbehave]): GoldenCase => ({
      number: '32',
      title: `a reporter whose flush ${deed} does not keep the service from closing`,
      ownApi: true,
      async run(stage) {
        const reporter = { report() {}, flush: misbehave as () => never, close: misbehave as () => never }
        const service = await stage.start({
          options: { reporter },
          routes: [throwing('/x', () => new Error('x'))],
        })
        isGeneric500(await service.ask('/x'))
        await service.close()
      },
    }),
  ),
  ...['throws', 'throws undefined', 'returns a promise that rejects'].map(
    (deed): GoldenCase => ({
      number: '32',
      title: `a logger that ${deed} does not touch the response`,
      ownApi: true,
      async run(stage) {
        const broken = misbehaviours[deed] as () => void
        const logger = { debug: broken, info: broken, warn: broken, error: broken, fatal: broken }
        const service = await stage.start({
          options: { logger },
          routes: [throwing('/x', () => new Error('original'))],
        })
        isGeneric500(await service.ask('/x'))
        await until(() => service.reports.length === 1, 'the report, in spite of the logger')
      },
    }),
  ),
  {
    number: '32',
    title: 'a definition whose texts throw is answered without them, or in the language that works',
    ownApi: true,
    async run(stage) {
      const fail = () => {
        throw new Error('broken callback')
      }
      const broken = defineProblems(
        { base: 'https://errors.shop.example/' },
        {
          Untold: { status: 409, title: 'Untold.', detail: fail },
          Untranslated: {
            status: 410,
            title: 'Gone.',
            detail: 'Gone for good.',
            translations: { fr: { title: 'Parti.', detail: fail } },
          },
        },
      )
      const service = await stage.start({
        options: { problems: broken },
        routes: [
          throwing('/untold', () => new broken.Untold()),
          throwing('/gone', () => new broken.Untranslated()),
        ],
      })
      isProblem(await service.ask('/untold'), 409, { title: 'Untold.' })
      isProblem(await service.ask('/gone', { headers: { 'accept-language': 'fr' } }), 410)
    },
  },
  ...(['customize', 'onHandled'] as const).flatMap((callback) =>
    [undefined, 'throws'].map(
      (deed): GoldenCase => ({
        number: '66',
        title: `${callback} that ${deed ?? 'returns undefined'}: the response is sent`,
        ownApi: true,
        run: (stage: Stage) =>
          sendsWith(stage, { [callback]: deed ? misbehaviours.throws : () => undefined }),
      }),
    ),
  ),
]

async function sendsWith(stage: Stage, options: Options): Promise<void> {
  const service = await stage.start({
    options,
    routes: [throwing('/buy', () => new stage.problems.OutOfCredit({ balance: 30, cost: 50 }))],
  })
  await isDocument(await service.ask('/buy'), 'out-of-credit')
  await isDocument(await service.ask('/buy'), 'out-of-credit')
}
