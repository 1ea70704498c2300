/// <reference lib="es2024.string" />
import { eventMistakes } from '@faultline/protocol'
import t from 'tap'
import { seededRandom } from '../../../core/test/seeded-random.js'
import { sampleEvent } from '../../../protocol/test/sample-event.js'
import { enrich } from '../../src/digest/enrich/enrich.js'
import { isFitJson, mendText } from '../../src/digest/normalise/mend-text.js'
import { normaliseSecurityReport } from '../../src/digest/normalise/normalise-security-report.js'
import { tidyNative } from '../../src/digest/normalise/tidy-native.js'
import { clip } from '../../src/digest/normalise/untrusted.js'
import { spoilt } from './spoilt.js'

const context = { receivedAt: Date.parse('2026-11-23T11:00:00Z'), ip: '198.51.100.7' }
const id = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9'
const HOSTILE_RUNS = 1000

t.test('a native event that is as it should be is not copied', async (t) => {
  const event = sampleEvent()
  t.equal(tidyNative(event, context), event)
  t.equal(enrich(event, context), event)
})

t.test('native events are made alike', async (t) => {
  const tidied = tidyNative(
    {
      ...sampleEvent(),
      id: id.replaceAll('-', '').toUpperCase(),
      occurredAt: '2026-11-23t12:00:00.123456+02:00',
    },
    context,
  )
  t.match(tidied, { id, occurredAt: '2026-11-23T10:00:00.123Z' })

  const early = tidyNative(sampleEvent({ occurredAt: '2031-01-01T00:00:00Z' }), context)
  t.equal(early.occurredAt, '2026-11-23T11:00:00.000Z')
  t.equal(early.extra?.clientTime, '2031-01-01T00:00:00Z')

  const said = JSON.parse('{"__proto__":{"polluted":1},"feature":"a","extra":{"feature":"b"}}')
  const odd = tidyNative({ ...sampleEvent(), ...said }, context)
  t.strictSame(Object.entries(odd.extra ?? {}), [
    ['feature', 'b'],
    ['__proto__', { polluted: 1 }],
    ['event.feature', 'a'],
  ])
  t.strictSame(Object.keys(odd).includes('feature'), false)
  t.match(odd.problem, { runbook: 'https://wiki.example/500' }, 'members of members stay')
  t.equal(tidyNative(sampleEvent({ message: 'x'.repeat(20_000) }), context).message?.length, 16_384)
})

t.test('NUL characters and lone surrogates are replaced, in names too', async (t) => {
  const json = String.raw`{"a\u0000":["\ud83d", "\ud83d\ude00", "b\u0000"], "c": "\\u0000", "__proto__": "\udc00"}`
  const mended = mendText(JSON.parse(json))
  t.strictSame(Object.entries(mended), [
    ['a\uFFFD', ['\uFFFD', '😀', 'b\uFFFD']],
    ['c', String.raw`\u0000`],
    ['__proto__', '\uFFFD'],
  ])
  t.equal(isFitJson(Buffer.from(json)), false)
  t.equal(isFitJson(Buffer.from(String.raw`{"a":"\u00e9 é 😀"}`)), true)
})

t.test('what is cut ends with a whole character', async (t) => {
  t.equal(clip('ab😀', 4), 'ab😀')
  for (let length = 1; length < 12; length++) {
    const cut = clip('a😀'.repeat(10), length)
    t.ok(cut.isWellFormed() && cut.length <= length, cut)
  }
})

t.test('what a browser reports by itself', async (t) => {
  const violation = {
    'csp-report': {
      'document-uri': 'https://shop.example/cart?token=1',
      'violated-directive': "script-src-elem 'self'",
      'blocked-uri': 'https://evil.example/x.js?1',
      'source-file': 'https://shop.example/cart?token=1',
      'line-number': 12,
    },
  }
  const event = normaliseSecurityReport(violation, { ...context, eventId: id })
  t.match(event, {
    id,
    level: 'warning',
    exceptions: [{ type: 'CSP', message: "Blocked 'script' from 'evil.example'" }],
    fingerprint: ['CSP', 'script-src-elem', 'evil.example'],
    request: { url: 'https://shop.example/cart' },
  })
  t.strictSame(event.exceptions[0]?.frames, [{ file: 'https://shop.example/cart', inApp: true, line: 12 }])
  const messageOf = (report: object) => normaliseSecurityReport(report, context).exceptions[0]?.message
  const blocked = (uri: string) =>
    messageOf({
      'csp-report': { ...violation['csp-report'], 'effective-directive': 'img-src', 'blocked-uri': uri },
    })
  t.equal(blocked('https://shop.example/a.png'), "Blocked 'image' from 'self'")
  t.equal(blocked('data:image/png;base64,xx'), "Blocked 'image' from 'data:'")
  t.equal(blocked('inline'), "Blocked inline 'image'")
  t.equal(blocked('http://['), "Blocked 'image' from 'http:'")
  const modern = normaliseSecurityReport(
    {
      type: 'csp-violation',
      age: 60_000,
      url: 'https://shop.example/cart?x',
      user_agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
      body: { effectiveDirective: 'connect-src', blockedURL: 'wss://evil.example:8443/', lineNumber: 3 },
    },
    context,
  )
  t.equal(modern.occurredAt, '2026-11-23T10:59:00.000Z')
  t.equal(modern.exceptions[0]?.message, "Blocked 'connect' from 'evil.example:8443'")
  t.strictSame(enrich(modern, context).tags?.browser, 'Firefox 140')
  t.equal(
    messageOf({ 'expect-ct-report': { hostname: 'a.example', port: 443 } }),
    "Expect-CT failed for 'a.example'",
  )
  t.equal(messageOf({ hostname: 'a.example', 'known-pins': [] }), "Public key pinning failed for 'a.example'")
  t.equal(
    messageOf({ type: 'deprecation', body: { id: 'unload', message: 'Unload is gone.' } }),
    'Unload is gone.',
  )
  t.throws(() => normaliseSecurityReport([], context), TypeError)

  const { random: below, seed } = seededRandom()
  const random = () => below(1_000_000) / 1_000_000
  t.comment(`seed ${seed}`)
  for (let run = 0; run < HOSTILE_RUNS; run++) {
    const report = normaliseSecurityReport(
      spoilt(run % 2 ? violation : { type: 'csp-violation', age: 1, body: violation['csp-report'] }, random),
      context,
    )
    if (eventMistakes(report).length > 0) return t.fail(`run ${run}: ${eventMistakes(report)}`)
  }
})

t.test('enrich adds what is not said, and replaces nothing', async (t) => {
  const chrome =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'
  const enriched = enrich(
    sampleEvent({
      service: ' ',
      environment: '',
      release: ' 1.2 ',
      request: { ip: '{{auto}}', headers: { 'User-Agent': chrome } },
    }),
    context,
  )
  t.match(enriched, {
    service: 'unknown',
    environment: 'production',
    release: '1.2',
    request: { ip: '198.51.100.7' },
  })
  t.strictSame(enriched.tags, { region: 'eu', browser: 'Chrome 156', os: 'Windows 10' })

  const said = sampleEvent({ tags: { browser: 'mine', os: 'mine' }, request: { userAgent: chrome } })
  t.equal(enrich(said, context), said)
  t.equal(
    enrich(sampleEvent({ platform: 'javascript', tags: {} }), { userAgent: chrome }).tags?.browser,
    'Chrome 156',
  )
  t.strictSame(
    enrich(sampleEvent({ tags: {} }), { userAgent: chrome }).tags,
    {},
    'a server’s client is no browser',
  )
  const full = sampleEvent({
    tags: Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`k${at}`, ''])),
    request: { userAgent: chrome },
  })
  t.equal(enrich(full, context), full, 'no tag beyond the limit')
  for (const userAgent of [
    '',
    'x'.repeat(1_000_000),
    '\0',
    '(((((',
    'curl/8.5.0',
    'Mozilla/5.0 '.repeat(10_000),
  ])
    t.ok(enrich(sampleEvent({ request: { userAgent } }), context))
  t.strictSame(
    'ip' in plain(enrich(sampleEvent({ request: { ip: '{{auto}}' } }), {}).request as object),
    false,
  )
})

function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value))
}
