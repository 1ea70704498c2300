// The collector's own https, and whose word about the client it takes behind a proxy.
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { type CollectorConfig, loadConfig, startCollector } from '@faultline/collector'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { followCertificate, readCertificate } from '../src/tls.js'
import { makeCertificate, noOpenssl } from './self-signed.js'

const log = pino({ level: 'silent' })

t.test('with a certificate it speaks https, and names that', { skip: noOpenssl }, async (t) => {
  const files = makeCertificate(t.testdir())
  const collector = await start(t, files)
  t.match(collector.url, /^https:\/\/127\.0\.0\.1:\d+$/)
  t.match((await collector.createProject({ name: 'Shop' })).dsn, /^https:\/\/\w+@localhost:\d+\/1$/)
  t.match(await askPlainly(collector.port), /^HTTP\/1\.1 400|^$/, 'plain http is no reason to end')
  t.equal(await commonName(collector.port), 'server', 'it still answers')
})

t.test('a certificate that cannot be used is one sentence', { skip: noOpenssl }, async (t) => {
  const folder = t.testdir({ 'words.pem': 'not a certificate' })
  const files = makeCertificate(folder)
  const other = makeCertificate(folder, 'other')
  const tlsKey = join(folder, 'none.key')
  for (const [wrong, says] of [
    [{ ...files, tlsKey }, /^tlsKey cannot be read from .*none\.key: there is no such file\.$/],
    [{ ...files, tlsCert: folder }, /^tlsCert cannot be read from /],
    [
      { ...files, tlsKey: other.tlsKey },
      /^The certificate .* and the key .* are no pair of PEM files: .*\.$/,
    ],
    [{ ...files, tlsCert: join(folder, 'words.pem') }, /are no pair of PEM files/],
  ] as const) {
    await t.rejects(start(t, wrong), { name: 'CannotStart', message: says })
  }
})

t.test('a renewed certificate is taken, a broken one is not', { skip: noOpenssl }, async (t) => {
  const folder = t.testdir()
  const files = makeCertificate(folder)
  const renewed = makeCertificate(folder, 'renewed')
  const server = createServer({ ...readCertificate(files) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const said: string[] = []
  const note = (...args: unknown[]) => void said.push(String(args.at(-1)))
  t.teardown(followCertificate(server, files, { log: { info: note, warn: note }, everyMs: 5 }))
  const { port } = server.address() as AddressInfo

  const key = readFileSync(files.tlsKey)
  writeFileSync(files.tlsKey, 'half written')
  while (!said.some((line) => /cannot be used/.test(line))) await new Promise(setImmediate)
  t.equal(await commonName(port), 'server')
  writeFileSync(files.tlsKey, key)
  copyFileSync(renewed.tlsCert, files.tlsCert)
  copyFileSync(renewed.tlsKey, files.tlsKey)
  while (!said.some((line) => /renewed certificate is in use/.test(line))) await new Promise(setImmediate)
  t.equal(await commonName(port), 'renewed')
})

t.test('X-Forwarded-For is believed of trusted proxies only', async (t) => {
  const real = '127.0.0.1'
  const client = '203.0.113.7'
  const forwarded = `198.51.100.9, ${client}`
  for (const [trustProxy, believed] of [
    [false, real],
    ['10.0.0.0/8', real],
    [['10.0.0.0/8'], real],
    [['10.0.0.0/8', '127.0.0.1'], client],
    ['loopback, fd00::/8', client],
    [true, '198.51.100.9'],
  ] as const) {
    const collector = await start(t, { trustProxy: trustProxy as CollectorConfig['trustProxy'] })
    const { keys } = await collector.createProject({ name: 'Shop' })
    const response = await fetch(`${collector.url}/api/1/store/?sentry_key=${keys[0]?.publicKey}`, {
      method: 'POST',
      headers: {
        'x-forwarded-for': forwarded,
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'evil.example',
      },
      body: JSON.stringify({ message: 'hello', user: { ip_address: '{{auto}}' } }),
    })
    t.equal(response.status, 200)
    const { id } = (await response.json()) as { id: string }
    await collector.drain()
    t.match(await collector.reads.event(id), { event: { request: { ip: believed } } }, String(trustProxy))
    await collector.close()
  }
})

async function start(t: Test, changes: Partial<CollectorConfig>) {
  const config = loadConfig({ env: {}, folder: t.testdirName })
  const data = join(t.testdirName, `data-${Math.random()}`)
  const place = { host: '127.0.0.1', port: 0, minFreeDiskBytes: 0, data }
  const collector = await startCollector({ ...config, ...place, ...changes }, { log })
  t.teardown(() => collector.close())
  return collector
}

/** Whose certificate is shown. */
async function commonName(port: number): Promise<string | undefined> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return String(subject.CN)
}

/** What comes back for http, if anything. */
function askPlainly(port: number): Promise<string> {
  return new Promise((resolve) => {
    request({ port, host: '127.0.0.1', path: '/health/live' }, ({ statusCode, httpVersion }) =>
      resolve(`HTTP/${httpVersion} ${statusCode}`),
    )
      .on('error', () => resolve(''))
      .end()
  })
}
