import { deflateSync } from 'node:zlib'
import {
  claimedKey,
  countEvents,
  type Envelope,
  EnvelopeMistake,
  keyInDsn,
  kindOf,
  looksLikeObject,
  parseEnvelope,
  parseEvent,
  parseLenientJson,
  parseSecurityReports,
  parseStore,
  readEnvelopeHeader,
  readEventId,
  StoreMistake,
} from '@faultline/protocol/sentry'
import t from 'tap'

const key = '0123456789abcdef0123456789abcdef'
const bytesOf = (text: string) => Buffer.from(text)
const read = (text: string) => parseEnvelope(bytesOf(text))
const told = ({ items }: Envelope) =>
  items.map(({ header, payload }) => [header.type, Buffer.from(payload).toString()])

t.test('an envelope is taken apart', async (t) => {
  t.test('by length, whatever the payload holds', async (t) => {
    const envelope = read('{}\n{"type":"attachment","length":5}\n\n{}\r\n\n{"type":"event","length":2}\n{}')
    t.strictSame(told(envelope), [
      ['attachment', '\n{}\r\n'],
      ['event', '{}'],
    ])
  })

  t.test('without a length by lines, where a CR belongs to the payload', async (t) => {
    const envelope = read('{"event_id":"x"}\r\n{"type":"session"}\r\n{"a":1}\r\n{"type":"event"}\n{}\n')
    t.equal(envelope.header.event_id, 'x')
    t.strictSame(told(envelope), [
      ['session', '{"a":1}\r'],
      ['event', '{}'],
    ])
  })

  t.test('with nothing in it, and with empty payloads', async (t) => {
    t.strictSame(told(read('{}')), [])
    t.strictSame(told(read('{}\n\n\n')), [])
    t.strictSame(told(read('\ufeff{}\n{"type":"session"}')), [['session', '']])
    t.strictSame(told(read('{}\n{"type":"a","length":0}')), [['a', '']])
    t.strictSame(told(read('{}\n{"type":"a"}\n\n{"type":"b","length":0}\n\n{"type":"c","length":null}\nx')), [
      ['a', ''],
      ['b', ''],
      ['c', 'x'],
    ])
  })

  t.test('items of unknown types are items like others', async (t) => {
    const envelope = read('{}\n{"type":"hologram"}\nz\n{"type":"event"}\n{}')
    t.strictSame(told(envelope), [
      ['hologram', 'z'],
      ['event', '{}'],
    ])
  })

  t.test('payloads are not copied', async (t) => {
    const bytes = bytesOf('{}\n{"type":"event"}\n{}')
    t.equal(parseEnvelope(bytes).items[0]?.payload.buffer, bytes.buffer)
  })

  t.test('what is no envelope is told in words of our own', async (t) => {
    const wrong: [string, RegExp][] = [
      ['', /header of the envelope/],
      ['[]', /header of the envelope/],
      ['no', /header of the envelope/],
      ['{}\nsecret', /item 1 is no JSON object with a type/],
      ['{}\n{"length":1}\nx', /item 1 is no JSON object with a type/],
      ['{}\n{"type":{}}\nx', /item 1 is no JSON object with a type/],
      ['{}\n{"__proto__":{"type":"event"}}\nx', /item 1 is no JSON object with a type/],
      ['{}\n{"type":"a"}\nx\n{"type":"b","length":9}\nx', /Item 2 is shorter/],
      ['{}\n{"type":"a","length":1}\nxx', /Item 1 is longer/],
      ['{}\n{"type":"a","length":-1}\nxx', /length of item 1/],
      ['{}\n{"type":"a","length":1e300}\nxx', /length of item 1/],
      ['{}\n{"type":"a","length":"1"}\nx', /length of item 1/],
      [`{}${'\n{"type":"a"}\n'.repeat(1001)}`, /more than 1000 items/],
    ]
    for (const [text, message] of wrong) {
      t.throws(() => read(text), { name: 'EnvelopeMistake', message }, text.slice(0, 40))
      try {
        read(text)
      } catch (error) {
        t.ok(error instanceof EnvelopeMistake)
        t.notMatch((error as Error).message, /secret/)
      }
    }
  })
})

t.test('blank lines cost what their length costs, and headers are short', async (t) => {
  const startedAt = performance.now()
  t.strictSame(told(read(`{}${'\n\r\n'.repeat(5_000_000)}{"type":"a"}\nx`)), [['a', 'x']])
  t.ok(performance.now() - startedAt < 3000, `${performance.now() - startedAt} ms`)
  const long = `{"a":"${'x'.repeat(16_384)}"}`
  t.throws(() => read(long), /header of the envelope/)
  t.throws(() => read(`{}\n${long}\nx`), /header of item 1/)
  t.strictSame(readEnvelopeHeader(bytesOf('{"dsn":7}\n{"type"')), { dsn: 7 })
  for (const none of ['', 'x', '[]', long.slice(0, 16_384)])
    t.equal(readEnvelopeHeader(bytesOf(none)), undefined)
})

t.test('a look at both ends tells what is no object', async (t) => {
  for (const text of ['{}', ' \r\n{"a":1}\0\n', '\ufeff{}', '{no JSON}'])
    t.ok(looksLikeObject(bytesOf(text)), text)
  for (const text of ['', ' ', '{', '}', 'x', '[]', '"{}"', '{"a":1', '{} x', '7'])
    t.notOk(looksLikeObject(bytesOf(text)), text)
})

t.test('what counts is what becomes an outcome', async (t) => {
  const types = ['event', 'session', 'client_report', 'attachment', 'user_report', 'feedback', 'toString']
  t.strictSame(types.map(kindOf), [
    'event',
    'filtered',
    'client_report',
    'attachment',
    'feedback',
    'feedback',
    'filtered',
  ])
  t.equal(countEvents(read(`{}\n${types.map((type) => `{"type":"${type}"}\n{}\n`).join('')}`)), 3)
})

t.test('the key is found wherever an SDK puts it', async (t) => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  const ways = {
    header: { sentryAuth: `Sentry sentry_version=7, sentry_key=${key}, sentry_client=x/1` },
    'header of raven': { sentryAuth: `Sentry sentry_key=${key},sentry_secret=abc,sentry_version=5` },
    query: { query: `sentry_version=7&sentry_key=${key}` },
    sentry: { authorization: `Sentry sentry_version=7, sentry_key=${key}` },
    basic: { authorization: basic(`${key}:`) },
    'basic without a colon': { authorization: basic(key) },
    bearer: { authorization: `bearer  ${key} ` },
    'first of two': { sentryAuth: `Sentry sentry_key=${key}`, query: 'sentry_key=other' },
    'second, when the first says nothing': {
      sentryAuth: 'Sentry sentry_version=7',
      query: `sentry_key=${key}`,
    },
  }
  for (const [name, sources] of Object.entries(ways)) t.equal(claimedKey(sources), key, name)

  const none = [
    {},
    { sentryAuth: '' },
    { authorization: 'Digest x' },
    { query: 'xsentry_key=1' },
    { query: '%' },
  ]
  for (const sources of none) t.equal(claimedKey(sources), undefined)

  t.equal(keyInDsn(`https://${key.toUpperCase()}:secret@host/prefix/42`), key)
  for (const dsn of [undefined, 7, 'x', 'https://host/42']) t.equal(keyInDsn(dsn), undefined)
})

t.test('an id is an id in any spelling, and the nil one is none', async (t) => {
  t.equal(readEventId('FBC3B865-0bab-44b0-bf48-ab2df5c7ec06'), 'fbc3b8650bab44b0bf48ab2df5c7ec06')
  for (const none of [undefined, null, 7, '', 'x'.repeat(32), `${key}0`, '0'.repeat(32)])
    t.equal(readEventId(none), undefined)
})

t.test('JSON is read as clients write it', async (t) => {
  const lenient = (text: string) => parseLenientJson(bytesOf(text))
  t.strictSame(lenient('{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN \\" Infinity"}'), {
    a: null,
    b: [null, null],
    c: 'NaN " Infinity',
  })
  t.strictSame(lenient('\ufeff{"a":"x\u0000y\tz\u001b"}\0\0'), { a: 'x\u0000y\tz\u001b' })
  for (const wrong of ['', '{', '{"a":NaNa}', '"\\', '{"a":"', 'nil'])
    t.throws(() => lenient(wrong), SyntaxError)

  t.strictSame(parseEvent(bytesOf('{"a":1}')), { a: 1 })
  for (const none of ['', 'x', '[]', 'null', '7', '"x"']) t.equal(parseEvent(bytesOf(none)), undefined)
  t.equal(Object.getPrototypeOf(parseEvent(bytesOf('{"__proto__":{"a":1}}'))), Object.prototype)
})

t.test('a store body is JSON, or base64 of it, packed or not', async (t) => {
  const json = '{"message":"Grüße"}'
  const event = { message: 'Grüße' }
  const packed = deflateSync(json)
  const bodies = {
    json: bytesOf(json),
    'json with a BOM': bytesOf(`\ufeff \n${json}`),
    base64: bytesOf(bytesOf(json).toString('base64')),
    'base64 in lines': bytesOf(
      `${bytesOf(json)
        .toString('base64')
        .replaceAll(/(.{8})/g, '$1\r\n')}\n`,
    ),
    'base64 of zlib': bytesOf(packed.toString('base64')),
  }
  for (const [name, bytes] of Object.entries(bodies)) t.strictSame(parseStore(bytes, 1000), event, name)

  for (const wrong of ['', '[]', '{', 'null', 'eJ', '%7B%7D', bytesOf('[1]').toString('base64')])
    t.throws(() => parseStore(bytesOf(wrong), 1000), StoreMistake, wrong)

  const bomb = bytesOf(deflateSync(Buffer.alloc(1_000_000, 32)).toString('base64'))
  t.throws(() => parseStore(bomb, 10_000), { name: 'StoreMistake', isTooLarge: true })
})

t.test('security reports come one by one or in a list', async (t) => {
  const reports = (text: string) => parseSecurityReports(bytesOf(text))
  t.strictSame(reports('{"csp-report":{}}'), [{ 'csp-report': {} }])
  t.strictSame(reports('[{"type":"csp-violation","body":{}},7,null,{"type":"deprecation"}]'), [
    { type: 'csp-violation', body: {} },
    { type: 'deprecation' },
  ])
  for (const none of ['', '7', '[]', '[null]', 'x']) t.equal(reports(none), undefined)
  t.equal(reports(`[${'{},'.repeat(1000)}{}]`)?.length, 100)
})

t.test('hostile texts cost what their length costs', async (t) => {
  const size = 2_000_000
  const texts = [
    '"\\'.repeat(size / 2),
    '"'.repeat(size),
    `${'['.repeat(size)}NaN`,
    '[]'.repeat(size / 2),
    `{"a":"${'\\"'.repeat(size / 2)}`,
    `{"a":"${'\u0001'.repeat(size)}"`,
    'N'.repeat(size),
    '-'.repeat(size),
  ]
  const startedAt = performance.now()
  for (const text of texts) {
    try {
      parseLenientJson(bytesOf(text))
    } catch (error) {
      t.ok(error instanceof SyntaxError, `${text.slice(0, 10)}: ${(error as Error).name}`)
    }
    claimedKey({ sentryAuth: text, authorization: text, query: text })
  }
  t.ok(performance.now() - startedAt < 5000)

  const nested = (depth: number) => `${'['.repeat(depth)}"${'[\\"'.repeat(400_000)}"${']'.repeat(depth)}`
  t.doesNotThrow(() => parseLenientJson(bytesOf(nested(400))))
  t.throws(() => parseLenientJson(bytesOf(nested(600))), /nested too deeply/)
})
