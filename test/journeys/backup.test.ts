// A collector is backed up while it takes all it can, and another one goes on from the file.
import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { ask, balance } from './books.js'
import { KEY, prepareData, runFaultline, spawnCollector } from './collector-child.js'
import { eventually } from './eventually.js'
import { eventOf, startLoad } from './retrying-clients.js'

t.setTimeout(300_000)
const UNLIMITED = { FAULTLINE_RATE_LIMIT: 'off', FAULTLINE_MIN_FREE_DISK_BYTES: '0' }

t.test(
  'what was acknowledged before a backup began is in it once, and a restored collector goes on',
  async (t) => {
    const folder = t.testdir()
    const data = join(folder, 'data')
    const token = prepareData(data)
    const running = spawnCollector(t, { data, env: UNLIMITED })
    const load = startLoad(t, await running.ready)
    await eventually('some load', () => load.acknowledged.length > 500 || undefined)

    for (const file of ['1.tar', '2.tar'].map((name) => join(folder, name))) {
      const before = [...load.acknowledged]
      const made = await runFaultline(['backup', file, '--data', data, '--json'])
      t.equal(made.code, 0, made.err)
      t.ok(load.acknowledged.length > before.length, 'the load went on')
      t.equal(statSync(file).mode & 0o777, 0o600, 'for nobody else')

      const target = `${file}.data`
      const restored = await runFaultline(['restore', file, '--data', target, '--json'])
      t.equal(restored.code, 0, restored.err)
      t.same(JSON.parse(restored.out), JSON.parse(made.out), 'the manifest')
      t.match(countsIn(target), JSON.parse(made.out).counts, 'its counts are those of the databases')
      t.equal(statSync(target).mode & 0o777, 0o700)
      for (const name of ['store.db', 'queue.db']) t.equal(statSync(join(target, name)).mode & 0o777, 0o600)

      const next = spawnCollector(t, { data: target, env: UNLIMITED })
      const url = await next.ready
      const digested = await balance(t, url, token)
      const stored = idsIn(target)
      t.same(
        before.filter((id) => !stored.includes(id)),
        [],
        'nothing is missing',
      )
      t.equal(new Set(stored).size, stored.length, 'nothing is there twice')

      const id = randomUUID()
      const { status } = await fetch(`${url}/api/1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}` },
        body: JSON.stringify({ id: randomUUID(), events: [eventOf(id)] }),
      })
      t.equal(status, 202)
      const after = await balance(t, url, token)
      t.equal(after.received, digested.received + 1)
      t.equal((await ask(url, token, `/events/${id}`)).status, 200, 'what is new is digested')

      const doctor = await runFaultline(['doctor', '--data', target, '--json'])
      t.equal(doctor.code, 0, doctor.err)
      t.same(
        JSON.parse(doctor.out).filter(({ state }: { state: string }) => state !== 'ok'),
        [],
        'doctor is green beside it',
      )
      await next.kill('SIGTERM')
    }
    t.ok(load.acknowledged.length > 0 && load.refusals.size === 0, 'no backup has kept a client waiting')
    await load.finish()
    await balance(t, await running.ready, token)
  },
)

function countsIn(data: string) {
  const store = new DatabaseSync(join(data, 'store.db'), { readOnly: true })
  const queue = new DatabaseSync(join(data, 'queue.db'), { readOnly: true })
  const count = (database: DatabaseSync, from: string) =>
    database.prepare(`SELECT count(*) AS count FROM ${from}`).get()?.count
  const position = store.prepare('SELECT position FROM digest_position').get()?.position
  const counts = {
    projects: count(store, 'projects'),
    issues: count(store, 'issues'),
    events: count(store, 'events'),
    queueBodies: count(queue, `bodies WHERE position > ${position}`),
  }
  store.close()
  queue.close()
  return counts
}

function idsIn(data: string): string[] {
  const store = new DatabaseSync(join(data, 'store.db'), { readOnly: true })
  const rows = store.prepare('SELECT hex(event_id) AS id FROM events').all()
  store.close()
  return rows.map(({ id }) =>
    String(id)
      .toLowerCase()
      .replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5'),
  )
}
