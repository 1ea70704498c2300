// What operators ask the program before and while it runs: its configuration, https, the published schema.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorEventSchema } from '@faultline/protocol'
import { Ajv } from 'ajv'
import t from 'tap'
import { parse } from 'yaml'
import { makeCertificate, noOpenssl } from '../../collector/test/self-signed.js'
import { runFaultline, serving } from './run-faultline.js'

const root = join(import.meta.dirname, '../../../..')
const SCHEMA_FILE = 'docs/reference/faultline.config.schema.json'

t.setTimeout(120_000)

t.test('config print says what holds, and where it comes from', async (t) => {
  const folder = t.testdir({
    'faultline.config.yaml': 'port: 1\nhost: file.example\nscrub: { emails: drop }\n',
  })
  const env = { FAULTLINE_HOST: 'environment.example', FAULTLINE_SCRUB_KEYS: 'pin, iban' }
  const args = ['config', 'print', '--data', '/srv/data']
  const table = await runFaultline({ args, folder, env })
  t.equal(table.code, 0, table.err)
  for (const line of [
    /^port +1 +faultline\.config\.yaml$/m,
    /^host +environment\.example +FAULTLINE_HOST$/m,
    /^data +\/srv\/data +--data$/m,
    /^publicUrl +- +default$/m,
    /^scrub\.emails +drop +faultline\.config\.yaml$/m,
    /^scrub\.keys +\["pin","iban"\] +FAULTLINE_SCRUB_KEYS$/m,
    /^rateLimit +60000 +default$/m,
  ])
    t.match(table.out, line)
  const { out } = await runFaultline({ args: [...args, '--json'], folder, env })
  const entries = JSON.parse(out) as { key: string }[]
  t.strictSame(
    entries.filter(({ key }) => key === 'port' || key === 'publicUrl'),
    [
      { key: 'port', value: 1, from: 'faultline.config.yaml' },
      { key: 'publicUrl', value: null, from: 'default' },
    ],
  )
  const wrong = await runFaultline({
    args: [...args, '--port', 'x'],
    folder,
    env: { FAULTLINE_TLS_KEY: 'a.pem' },
  })
  t.equal(wrong.code, 2)
  t.match(wrong.err, /--port must be a port.*\n.*tlsKey needs tlsCert beside it/)
})

t.test('config schema is the committed one, and editors see mistakes by it', async (t) => {
  const { out } = await runFaultline({ args: ['config', 'schema'], folder: t.testdir() })
  const committed = JSON.parse(readFileSync(join(root, SCHEMA_FILE), 'utf8'))
  t.strictSame(JSON.parse(out), committed, `faultline config schema > ${SCHEMA_FILE}, and format it`)
  const check = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(out))
  const guide = readFileSync(join(root, 'docs/guides/collector.md'), 'utf8')
  const [, example = ''] = /^```yaml\n(# [^\n]*\n.*?)^```$/ms.exec(guide) ?? []
  t.ok(check(parse(example)), JSON.stringify(check.errors))
  t.ok(check({ $schema: 'x', queueLimitBytes: '2 GiB', bodyLimitBytes: '1.5MB', minFreeDiskBytes: 0 }))
  const mistaken = {
    prot: 1,
    rateLimit: 'fast',
    bodyLimitBytes: '1 apple',
    trustProxy: 1,
    publicUrl: 'https://a@b',
    scrub: { emails: 'shred' },
    severityRules: [{ severty: 'low' }],
  }
  t.notOk(check(mistaken))
  const places = new Set(check.errors?.map(({ instancePath }) => instancePath))
  for (const place of [
    '',
    '/rateLimit',
    '/bodyLimitBytes',
    '/trustProxy',
    '/publicUrl',
    '/scrub/emails',
    '/severityRules/0',
  ])
    t.ok(places.has(place), `a mistake at ${place || 'the top'}`)
})

t.test('over https, send delivers to a DSN of https', { skip: noOpenssl }, async (t) => {
  const folder = t.testdir()
  const { tlsCert, tlsKey } = makeCertificate(folder)
  const tls = { FAULTLINE_TLS_CERT: tlsCert, FAULTLINE_TLS_KEY: tlsKey }
  const data = join(folder, 'data')
  const server = await serving(t, { folder, env: tls, args: ['--data', data] })
  t.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/, 'listens on')
  const env = { ...tls, FAULTLINE_PORT: new URL(server.url).port }
  const created = await runFaultline({ args: ['project', 'create', 'Shop', '--data', data], folder, env })
  const dsn = created.out.trim()
  t.match(dsn, /^https:\/\/\w{32}@localhost:\d+\/1$/)

  const trusting = { NODE_EXTRA_CA_CERTS: tlsCert }
  const sent = await runFaultline({ args: ['send', dsn], folder, env: trusting })
  t.equal(sent.code, 0, sent.err)
  t.match(sent.out, /^[\da-f-]{36}\n$/)
  const distrusting = await runFaultline({ args: ['send', dsn], folder })
  t.equal(distrusting.code, 1)
  t.match(distrusting.err, /has not taken the event: .*(?:certificate|CERT)/)
  t.equal(await server.stop(), 0)

  const broken = await runFaultline({
    args: ['serve', '--data', data],
    folder,
    env: { ...tls, FAULTLINE_TLS_KEY: 'no' },
  })
  t.equal(broken.code, 1)
  t.match(broken.err, /^tlsKey cannot be read from no: there is no such file\.\n$/)
})

t.test('the schema of error events is published, for anybody', async (t) => {
  const folder = t.testdir()
  const server = await serving(t, { folder, args: ['--data', join(folder, 'data')] })
  const response = await fetch(`${server.url}/schemas/error-event/v1.json`)
  t.equal(response.status, 200)
  t.match(response.headers.get('content-type'), /^application\/schema\+json/)
  t.equal(response.headers.get('cache-control'), 'public, max-age=86400')
  const published = await response.json()
  t.strictSame(published, JSON.parse(JSON.stringify(errorEventSchema)))
  const file = new URL(
    './schemas/error-event-v1.json',
    import.meta.resolve('@faultline/protocol/package.json'),
  )
  t.strictSame(published, JSON.parse(readFileSync(file, 'utf8')))
  await server.stop()
})
