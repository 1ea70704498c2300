import assert from 'node:assert/strict'
import type { GoldenCase } from '../case.js'
import { throwing } from '../exchange.js'
import { isDocument, isProblem } from '../expect.js'

const accepts = [
  undefined,
  'application/xml',
  '*/*',
  'application/json',
  'application/*',
  'application/problem+json',
  'text/html',
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'application/problem+json;q=0',
  '*/*;q=0',
  ';;;,,=',
  'a'.repeat(4_000),
]

export const negotiationCases: GoldenCase[] = [
  ...accepts.map(
    (accept): GoldenCase => ({
      number: '52',
      title: `Accept: ${accept?.slice(0, 70) ?? '(none)'} is answered with problem+json, never 406 or nothing`,
      async run({ start, problems }) {
        const service = await start({
          routes: [throwing('/buy', () => new problems.OutOfCredit({ balance: 30, cost: 50 }))],
        })
        const headers = accept === undefined ? {} : { accept }
        await isDocument(await service.ask('/buy', { headers }), 'out-of-credit')
        isProblem(await service.ask('/nowhere', { headers }), 404)
      },
    }),
  ),
  {
    number: '53',
    title: 'with the HTML page switched on, a browser gets an escaped page of the same status',
    ownApi: true,
    async run({ start, problems }) {
      const script = '<script>alert(1)</script>"\'&'
      const fail = () => new problems.OutOfCredit({ balance: script as never, cost: 50 })
      const service = await start({ options: { html: true }, routes: [throwing('/buy', fail)] })
      const page = await service.ask('/buy', {
        headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' },
      })
      assert.equal(page.status, 403)
      assert.match(String(page.headers['content-type']), /^text\/html; ?charset=utf-8$/i)
      assert.match(String(page.headers.vary), /\bAccept\b/i)
      assert.ok(!page.text.includes('<script>alert'))
      assert.ok(page.text.includes('&lt;script&gt;'))
      assert.match(page.text, /You do not have enough credit\./)

      const machine = await service.ask('/buy', { headers: { accept: 'application/json' } })
      isProblem(machine, 403)
      assert.match(String(machine.headers.vary), /\bAccept\b/i)
      isProblem(await service.ask('/buy'), 403)
      isProblem(await service.ask('/buy', { headers: { accept: '*/*' } }), 403)
    },
  },
  {
    number: '53',
    title: "html as a function is the application's page",
    ownApi: true,
    async run({ start, problems }) {
      const service = await start({
        options: { html: (problem) => `<h1>${problem.status}</h1>` },
        routes: [throwing('/busy', () => new problems.Busy())],
      })
      const page = await service.ask('/busy', { headers: { accept: 'text/html' } })
      assert.deepEqual([page.status, page.text], [503, '<h1>503</h1>'])
    },
  },
  {
    number: '54',
    title: 'Accept-Language: fr-CH, en;q=0.5 is answered in French, with the same type',
    ownApi: true,
    async run({ start, problems }) {
      const service = await start({
        routes: [
          throwing('/buy', () => new problems.OutOfCredit({ balance: 30, cost: 50 })),
          throwing('/busy', () => new problems.Busy()),
        ],
      })
      const french = await service.ask('/buy', { headers: { 'accept-language': 'fr-CH, en;q=0.5' } })
      await isDocument(french, 'out-of-credit-in-french')
      assert.equal(french.headers['content-language'], 'fr')
      assert.match(String(french.headers.vary), /\bAccept-Language\b/i)

      for (const language of ['de', 'en, fr;q=0.5', 'fr;q=0', '*', ';;q=', undefined]) {
        const headers = language === undefined ? {} : { 'accept-language': language }
        const answer = await service.ask('/buy', { headers })
        await isDocument(answer, 'out-of-credit')
        assert.notEqual(answer.headers['content-language'], 'fr')
        assert.match(String(answer.headers.vary), /\bAccept-Language\b/i)
      }
      isProblem(await service.ask('/busy', { headers: { 'accept-language': 'fr' } }), 503, {
        title: 'Try again soon.',
      })
    },
  },
  {
    number: '54',
    title: 'Vary keeps what the application said',
    ownApi: true,
    async run({ start, problems }) {
      const service = await start({
        routes: [
          {
            method: 'GET',
            path: '/buy',
            handler: ({ header }) => {
              header('vary', 'Origin')
              throw new problems.OutOfCredit({ balance: 30, cost: 50 })
            },
          },
        ],
      })
      const vary = String((await service.ask('/buy')).headers.vary)
      assert.match(vary, /\bOrigin\b/)
      assert.match(vary, /\bAccept-Language\b/i)
    },
  },
]
