import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { openStoreWriter } from '@faultline/collector'
import t, { type Test } from 'tap'
import { runFaultline, serving, start } from './run-faultline.js'

t.setTimeout(300_000) // a process for each command, on a busy machine
const TAR_BLOCK = 512
const POLL_MS = 1
const ATTEMPTS = 10

/** Commands in a folder of their own, with the data of a collector that has run. */
async function stocked(t: Test, { megabytes = 0 } = {}) {
  const folder = t.testdir()
  const data = join(folder, 'data')
  const run = (...args: string[]) => runFaultline({ args, folder, env: { FAULTLINE_LOG_LEVEL: 'silent' } })
  const must = async (...args: string[]) => {
    const { out, err, code } = await run(...args)
    t.equal(code, 0, `${args.join(' ')} ${err}`)
    return out
  }
  /** Its message, which must be no stack. */
  const mustFail = async (...args: string[]) => {
    const { out, err, code } = await run(...args)
    t.equal(code, 1, `${args.join(' ')} ends with 1: ${err}`)
    t.equal(out, '', 'nothing on standard output')
    t.notMatch(err, /\n\s+at |bug of faultline/)
    return err
  }
  const { stop } = await serving(t, { folder, args: ['--data', data] })
  await must('project', 'create', 'Shop', '--data', data)
  await stop()
  if (megabytes > 0) fill(data, megabytes)
  const file = join(folder, 'b.tar')
  return { folder, data, file, run, must, mustFail }
}

/** With attachments, so that copying takes a while. */
function fill(data: string, megabytes: number): void {
  const store = new DatabaseSync(join(data, 'store.db'))
  store.exec(`
    WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < ${megabytes})
    INSERT INTO attachments (project_id, event_id, name, content_type, bytes)
    SELECT 1, randomblob(16), 'a', 'b', randomblob(1000000) FROM numbers`)
  store.close()
}

/** Where the contents of each entry are. */
function partsOf(tar: Buffer): Map<string, { at: number; size: number }> {
  const parts = new Map<string, { at: number; size: number }>()
  for (let at = 0; tar[at] !== 0 && at < tar.length; ) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*/, '')
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8)
    parts.set(name, { at: at + TAR_BLOCK, size })
    at += TAR_BLOCK * (1 + Math.ceil(size / TAR_BLOCK))
  }
  return parts
}

interface ManifestText {
  format: number
  schemas: { store: number; queue: number }
  counts: { projects: number }
  parts: { name: string; sizeBytes: number; sha256: string }[]
}

/** With another manifest of the same length, and its right checksum. */
function withManifest(tar: Buffer, change: (manifest: ManifestText) => void): Buffer {
  const changed = Buffer.from(tar)
  const { at = 0, size = 0 } = partsOf(tar).get('manifest.json') ?? {}
  const { sha256: _, ...manifest } = JSON.parse(tar.toString('utf8', at, at + size))
  change(manifest)
  const sha256 = createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
  changed.write(JSON.stringify({ ...manifest, sha256 }, undefined, 2), at)
  return changed
}

function flipped(tar: Buffer, name: string, offset: number): Buffer {
  const changed = Buffer.from(tar)
  const { at = 0 } = partsOf(tar).get(name) ?? {}
  changed[at + offset] = (changed[at + offset] as number) ^ 1
  return changed
}

t.test('a backup is not overwritten by mistake, and not made of nothing', async (t) => {
  const { folder, data, file, must, mustFail } = await stocked(t)
  t.match(
    await must('backup', file, '--data', data),
    /b\.tar holds 0 events, 0 issues, \d projects and 0 bodies/,
  )
  t.match(await mustFail('backup', file, '--data', data), /b\.tar is there already: .* --force/)
  t.equal(JSON.parse(await must('backup', file, '--force', '--json', '--data', data)).schemas.store, 2)
  t.same([...partsOf(readFileSync(file)).keys()], ['manifest.json', 'store.db', 'queue.db'])
  t.same(readdirSync(folder).sort(), ['b.tar', 'data'], 'nothing else is left')

  const other = join(folder, 'none')
  t.match(
    await mustFail('backup', join(folder, 'c.tar'), '--data', other),
    /There is nothing in .*none to back up/,
  )
  t.match(await mustFail('backup', join(other, 'c.tar'), '--data', data), /There is no folder .*none/)
  t.match(await mustFail('backup', folder, '--data', data), /is a folder/)
  const full = { FAULTLINE_MIN_FREE_DISK_BYTES: String(2 ** 50) }
  const { err, code } = await runFaultline({ args: ['backup', 'c.tar', '--data', data], folder, env: full })
  t.equal(code, 1)
  t.match(err, /takes 11258\d\d\.\d GB while it is made.* are free: make room/)
  t.same(readdirSync(folder).sort(), ['b.tar', 'data'], 'and nothing is made')
})

t.test('no backup is made of a damaged database, and doctor says which one it is', async (t) => {
  const { folder, data, file, run, must, mustFail } = await stocked(t, { megabytes: 1 })
  const { out } = await run('doctor', '--data', data)
  t.match(out, /^ok +store\.db: /m)
  const store = join(data, 'store.db')
  const bytes = readFileSync(store)
  bytes.fill(0xff, 20 * 4096, 60 * 4096)
  writeFileSync(store, bytes)
  t.match(
    await mustFail('backup', file, '--data', data),
    /store\.db is damaged \(.+\), and no backup was made/,
  )
  t.same(readdirSync(folder), ['data'], 'nothing is left of it')
  const checked = await run('doctor', '--data', data, '--json')
  t.equal(checked.code, 1)
  t.match(JSON.parse(checked.out), [
    { name: 'configuration', state: 'ok' },
    { name: 'folder', state: 'ok' },
    { name: 'rights', state: 'ok' },
    { name: 'collector', state: 'ok', message: /None runs/ },
    { name: 'store.db', state: 'failed', message: /damaged .*faultline restore/ },
    { name: 'queue.db', state: 'ok' },
  ])
  truncateSync(join(data, 'queue.db'), 100)
  t.match((await run('doctor', '--data', data)).out, /^failed +queue\.db: It is damaged/m)
  await must('--help')
})

t.test('a damaged backup is told by what is damaged, and changes nothing', async (t) => {
  const { folder, data, file, must, mustFail } = await stocked(t)
  await must('backup', file, '--data', data)
  const tar = readFileSync(file)
  const { at: storeAt = 0, size: storeSize = 0 } = partsOf(tar).get('store.db') ?? {}
  const broken = Buffer.from(tar)
  broken.fill(0xff, storeAt + 20 * 4096, storeAt + 60 * 4096)
  const sha256 = createHash('sha256')
    .update(broken.subarray(storeAt, storeAt + storeSize))
    .digest('hex')
  const damages: [content: Buffer | string, says: RegExp][] = [
    ['', /bad\.tar is empty: it is no backup/],
    ['hello\n', /is no backup of Faultline/],
    [Buffer.alloc(4096), /is no backup of Faultline/],
    [tar.subarray(storeAt - TAR_BLOCK), /is no backup of Faultline/],
    [tar.subarray(0, 700), /is no backup of Faultline, or its beginning is damaged/],
    [tar.subarray(0, 100_000), /ends after 100 kB of \d+ kB/],
    [tar.subarray(0, -1), /ends after/],
    [flipped(tar, 'manifest.json', 300), /its manifest\.json is damaged/],
    [flipped(tar, 'store.db', 5000), /store\.db: its checksum differs from the manifest's/],
    [flipped(tar, 'queue.db', 5000), /queue\.db: its checksum differs from the manifest's/],
    [flipped(tar, 'queue.db', 3 - TAR_BLOCK), /is damaged behind its manifest/],
    [withManifest(broken, ({ parts }) => Object.assign(parts[0] ?? {}, { sha256 })), /damaged: store\.db: /],
    [
      withManifest(tar, (one) => Object.assign(one.counts, { projects: 7 })),
      /it holds .* manifest says .*"projects":7/,
    ],
    [
      withManifest(tar, (one) => Object.assign(one.schemas, { store: 9 })),
      /newer Faultline.*store 9.*with Faultline \d/,
    ],
    [
      withManifest(tar, (one) => Object.assign(one, { format: 9 })),
      /of format 9, .* reads 1: use Faultline \d/,
    ],
  ]
  const bad = join(folder, 'bad.tar')
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  for (const [index, [content, says]] of damages.entries()) {
    writeFileSync(bad, content)
    const target = join(folder, index % 2 === 0 ? 'missing' : 'empty')
    t.match(await mustFail('restore', bad, '--data', target), says)
    t.notOk(existsSync(join(folder, 'missing')), 'no folder is made')
    t.same(readdirSync(empty), [], 'nothing is left in the folder')
  }
  t.match(await mustFail('restore', join(folder, 'no.tar'), '--data', empty), /There is no file/)
  t.match(await mustFail('restore', file, '--data', data), /data is not empty, it has queue\.db/)
  await must('restore', file, '--data', empty)
})

t.test('a restore is not made under a running collector', async (t) => {
  const { folder, data, file, must, mustFail } = await stocked(t)
  await must('backup', file, '--data', data)
  const { stop } = await serving(t, { folder, args: ['--data', join(folder, 'other')] })
  t.match(await mustFail('restore', file, '--data', join(folder, 'other')), /is not empty/)
  t.match(JSON.parse(await must('doctor', '--quick', '--json', '--data', join(folder, 'other'))).slice(3), [
    { name: 'collector', message: /One runs/ },
  ])
  await stop()
})

t.test('killed in the middle, a backup leaves no file, and the next one is made', async (t) => {
  const { folder, data, file, must } = await stocked(t, { megabytes: 60 })
  for (const remains of ['b.tar.parts/copies/queue.db', 'b.tar.parts/copies/store.db', 'b.tar.partial']) {
    await killedOnce({ folder, args: ['backup', file, '--data', data] }, join(folder, remains))
    t.notOk(existsSync(file), `killed while it has ${remains}`)
  }
  await must('backup', file, '--data', data)
  t.same(readdirSync(folder).sort(), ['b.tar', 'data'], 'what was left is gone')
  await must('restore', file, '--data', join(folder, 'restored'))
})

t.test(
  'killed in the middle, a restore leaves a folder that no collector takes for a whole one',
  async (t) => {
    const { folder, data, file, run, must, mustFail } = await stocked(t, { megabytes: 60 })
    await must('backup', file, '--data', data)
    const target = join(folder, 'restored')
    await killedOnce(
      { folder, args: ['restore', file, '--data', target] },
      join(target, '.restoring/store.db'),
    )
    t.notOk(existsSync(join(target, 'store.db')))
    // Between the two renames at the end.
    writeFileSync(join(target, 'queue.db'), readFileSync(join(data, 'queue.db')))
    t.match(
      await mustFail('serve', '--port', '0', '--data', target),
      /A restore into .* has not ended: .*again/,
    )
    t.match((await run('doctor', '--data', target)).out, /^failed +folder: A restore into .* has not ended/m)
    await must('restore', file, '--data', target)
    t.same(readdirSync(target).sort(), ['collector.lock', 'queue.db', 'store.db'])
    t.equal(statSync(join(target, 'store.db')).size, partsOf(readFileSync(file)).get('store.db')?.size)
    await must('doctor', '--data', target)
  },
)

t.test('doctor says what is wrong, and 1 where something has failed', async (t) => {
  const { folder, data, run } = await stocked(t)
  const findings = async (env: NodeJS.ProcessEnv = {}, ...args: string[]) => {
    const { out, code } = await runFaultline({ args: ['doctor', '--data', data, ...args], folder, env })
    return {
      code,
      out: out
        .split('\n')
        .filter((line) => !line.startsWith('ok '))
        .join('\n'),
    }
  }
  t.match(await findings(), { code: 0, out: '' })
  t.match(await findings({ FAULTLINE_PORT: 'abc' }), {
    code: 1,
    out: /^failed +configuration: .*FAULTLINE_PORT must be/,
  })
  t.match(await findings({ FAULTLINE_MIN_FREE_DISK_BYTES: String(2 ** 50) }), {
    code: 1,
    out: /^failed +disk: /,
  })
  chmodSync(data, 0o755)
  t.match(await findings(), { code: 0, out: /^warning +rights: .*chmod 700/ })
  chmodSync(data, 0o700)

  const change = (name: string, sql: string) => {
    const database = new DatabaseSync(join(data, name))
    database.exec(sql)
    database.close()
  }
  change('queue.db', 'INSERT INTO received VALUES (1, 7)')
  t.match(await findings(), { code: 1, out: /^failed +books: 7 events were received, 0 have an outcome/ })
  change('queue.db', `INSERT INTO bodies VALUES (1, 1, 'batch', 'identity', 7, 0, '{}', x'00')`)
  t.match(await findings(), { code: 0, out: '' }, 'they wait')
  change('store.db', `INSERT INTO dead_letters VALUES (1, 1, 0, 1, 'faultline', 'scrub', 'bug', 3, 0)`)
  t.match(await findings(), { code: 0, out: /^warning +DLQ: 3 events/ })
  change('store.db', 'DELETE FROM dead_letters')
  const later = Date.now() + 3_600_000
  change('store.db', `INSERT INTO events VALUES (1, randomblob(16), 1, 1, ${later}, 0, 0, x'00')`)
  t.match(await findings(), {
    code: 0,
    out: /^warning +clock: The newest event was received 60 minutes from now/,
  })
  change('store.db', 'PRAGMA user_version = 99')
  t.match(await findings({}, '--quick'), { code: 1, out: /^failed +versions: The store is of version 99/ })

  const none = join(folder, 'none')
  t.match(await run('doctor', '--data', none), { code: 1, out: /There is no folder .*none: name/ })
  t.notOk(existsSync(none), 'and none is made')
  mkdirSync(none)
  t.match(await run('doctor', '--data', none), { code: 1, out: /none is empty: name/ })
  openStoreWriter(join(none, 'store.db')).close()
  t.match(await run('doctor', '--data', none), { code: 0, out: /queue\.db: There is none yet/ })
})

/** Starts a command again and again, until it was killed while a file was there. */
async function killedOnce(run: { folder: string; args: string[] }, remains: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const child = start(run)
    const closed = new Promise<NodeJS.Signals | null>((resolve) => {
      child.once('close', (_code, signal) => resolve(signal))
    })
    while (child.exitCode === null && !existsSync(remains)) await setTimeout(POLL_MS)
    child.kill('SIGKILL')
    if ((await closed) === 'SIGKILL') return
  }
  throw new Error(`It has ended ${ATTEMPTS} times before there was ${remains}.`)
}
