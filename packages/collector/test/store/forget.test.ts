import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { describe } from '../../src/digest/grade/describe.js'
import { parseSearch } from '../../src/store/search/parse-search.js'
import { openStoreWriter } from '../../src/store/sqlite/open-store.js'
import { openStoreReader } from '../../src/store/sqlite/read/open-store-reader.js'
import type { DigestedBody, Erased, ErasedUser, StoredEvent } from '../../src/store/store.js'
import { body, idOf, NOW, prepared, type SampleEvent } from './sample-body.js'

const DAY_MS = 86_400_000
const OLD = NOW - 40 * DAY_MS
const BEFORE = NOW - 30 * DAY_MS

function openStore(t: Test) {
  const file = join(t.testdir(), 'store.db')
  const writer = openStoreWriter(file)
  const reader = openStoreReader(file)
  const raw = new DatabaseSync(file)
  for (const id of [1, 2]) writer.createProject({ name: `Shop ${id}`, id }, OLD)
  t.teardown(() => {
    raw.close()
    reader.close()
    writer.close()
  })
  const save = (events: Record<string, SampleEvent>, more: Partial<DigestedBody> = {}) => {
    const list = Object.entries(events).map(([name, event]) =>
      prepared(name, { at: more.receivedAt ?? NOW, ...event }),
    )
    const described = list.map((one) => ({ ...one, ...describe(one.event) }))
    return writer.save([body(writer.position() + 1, described, more)])
  }
  const companions = (name: string, email = 'x@shop.example') => ({
    attachments: [{ eventId: idOf(name), name: 'a.txt', contentType: 'text/plain', bytes: Buffer.from('a') }],
    feedback: [{ eventId: idOf(name), name: 'Jo', email, comments: 'broken', at: '2026-11-01' }],
  })
  const count = (table: string) => Number(raw.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.rows)
  const forgetAll = (before?: number) => {
    const all = { events: 0, issues: 0, stacks: 0 }
    for (;;) {
      const { isMore, ...some } = writer.forgetOldest({ ...(before !== undefined && { before }), events: 10 })
      for (const name of ['events', 'issues', 'stacks'] as const) all[name] += some[name]
      if (!isMore) return all
    }
  }
  const find = (text: string) =>
    reader.searchEvents(parseSearch(text), { limit: 100, now: NOW }).items.map(({ event }) => event.id)
  const erase = (user: ErasedUser): Erased => {
    const steps = writer.eraseUser(user, describe)
    for (;;) {
      const { done, value } = steps.next()
      if (done) return value
    }
  }
  const bytes = () => {
    raw.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    return Buffer.concat([file, `${file}-wal`].map((one) => readFileSync(one))).toString('latin1')
  }
  const logBytes = () => statSync(`${file}-wal`).size
  return { writer, reader, raw, logBytes, save, companions, count, forgetAll, find, erase, bytes }
}

const issuesOf = ({ reader }: ReturnType<typeof openStore>) =>
  reader.issues({ status: 'all', sort: 'lastSeen', limit: 100, now: NOW }).items

const numbered = (count: number, event: (at: number) => SampleEvent) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${event(at).issue}-${at}`, event(at)]))

t.test('what is too old is deleted with all that hangs on it, and nothing else', async (t) => {
  const store = openStore(t)
  const { save, companions, count, forgetAll, find, reader } = store
  const user = { id: 'u-1' }
  save(
    {
      old: { issue: 'gone', user, tags: { shelf: 'oldtag' }, problem: { type: 'x', instance: '/orders/1' } },
      first: { issue: 'kept', user },
    },
    { receivedAt: OLD, ...companions('old') },
  )
  save({ older: { issue: 'gone' } }, { receivedAt: OLD })
  save(
    { second: { issue: 'kept', user }, fresh: { issue: 'fresh' } },
    {
      ...companions('second'),
      batchId: idOf('batch'),
      requests: [
        {
          minute: new Date(NOW).toISOString(),
          service: 's',
          environment: '',
          route: '/',
          status: '2xx',
          count: 1,
        },
      ],
    },
  )
  const outcomes = count('outcome_hours')
  const before = { minutes: count('issue_minutes'), hours: count('project_hours') }
  t.same(forgetAll(BEFORE), { events: 3, issues: 1, stacks: 0 })
  t.same(
    issuesOf(store)
      .map(({ message }) => message)
      .sort(),
    ['cannot fresh', 'cannot kept'],
  )
  t.same(find('user:u-1'), [idOf('second')])
  t.same(find('oldtag'), [])
  t.equal(reader.event('/orders/1'), undefined)
  t.equal(
    reader.event(idOf('second'))?.event.user?.id,
    'u-1',
    'is read with the dictionary of its deleted first',
  )
  t.equal(reader.event(idOf('second'))?.attachments.length, 1)
  for (const table of ['attachments', 'feedback']) t.equal(count(table), 1, table)
  t.equal(count('problem_instances'), 0)
  for (const table of ['issues', 'dictionaries', 'fingerprints', 'issue_words_docsize'])
    t.equal(count(table), 2, table)
  t.same([count('issue_minutes'), count('project_hours')], [before.minutes - 2, before.hours - 1])
  t.equal(count('request_minutes'), 1)
  t.equal(count('outcome_hours'), outcomes, 'the books stay')
  t.equal(issuesOf(store).find(({ message }) => message === 'cannot kept')?.count, 2, 'it has happened')

  save({ again: { issue: 'gone' } })
  t.equal(issuesOf(store).find(({ message }) => message === 'cannot gone')?.count, 1, 'it begins anew')
})

t.test('a slice is bounded, and takes the oldest first', async (t) => {
  const { save, writer, find } = openStore(t)
  save(
    numbered(10, (at) => ({ issue: 'pay', user: { id: `u-${at}` } })),
    { receivedAt: OLD },
  )
  t.equal(writer.forgetOldest({ before: BEFORE, events: 4 }).events, 4)
  t.same([find('user:u-3'), find('user:u-4').length], [[], 1])
  t.equal(writer.forgetOldest({ before: OLD, events: 4 }).events, 0, 'not what came at that very moment')
  t.equal(writer.forgetOldest({ events: 4 }).events, 4, 'without a time, whatever is oldest')
})

t.test('an issue that still goes on by its repeats stays until they are as old', async (t) => {
  const store = openStore(t)
  store.save({ first: { issue: 'storm' } }, { receivedAt: OLD })
  const repeats = [{ eventId: idOf('first'), count: 7, until: new Date(NOW).toISOString() }]
  store.save({}, { batchId: idOf('batch'), repeats })
  t.same(store.forgetAll(BEFORE), { events: 1, issues: 0, stacks: 1 })
  store.save({ again: { issue: 'storm' } })
  t.equal(
    store.reader.event(idOf('again'))?.event.exceptions[0]?.frames.length,
    1,
    'a stack that is gone is stored again',
  )
  t.equal(issuesOf(store)[0]?.count, 9)
  t.equal(store.count('issue_minutes'), 1)
  t.equal(store.forgetAll(NOW + DAY_MS).issues, 1)
  for (const table of ['issues', 'issue_minutes', 'stacks', 'project_hours'])
    t.equal(store.count(table), 0, table)
})

t.test('a stack goes once no event can have it, and one that old and new events share stays', async (t) => {
  const { save, raw, count, forgetAll, reader } = openStore(t)
  save({ old: { issue: 'gone' }, first: { issue: 'kept' } }, { receivedAt: OLD })
  raw.exec('UPDATE events SET id = id + 50000 WHERE id = (SELECT max(id) FROM events)')
  raw.exec("INSERT INTO event_words (rowid, words) VALUES (50002, 'x')") // another writer: what is known by heart is looked up again
  save({ second: { issue: 'kept' } })
  t.equal(
    raw.prepare('SELECT max(last_event_row) AS row FROM stacks').get()?.row,
    50_002,
    'is noted, once it is far behind',
  )
  t.same(forgetAll(BEFORE), { events: 2, issues: 1, stacks: 1 })
  t.equal(count('stacks'), 1)
  t.equal(reader.event(idOf('second'))?.event.exceptions[0]?.frames[0]?.function, 'do_kept')
  save({ again: { issue: 'gone' } })
  t.equal(
    reader.event(idOf('again'))?.event.exceptions[0]?.frames[0]?.function,
    'do_gone',
    'it is stored again',
  )
})

t.test('what came for an event that never came goes with what is as old', async (t) => {
  const { save, companions, count, forgetAll } = openStore(t)
  save({ old: {} }, { receivedAt: OLD, ...companions('nobody') })
  save({ older: {} }, { receivedAt: OLD, ...companions('older') })
  save({}, companions('still to come'))
  forgetAll(BEFORE)
  for (const table of ['attachments', 'feedback']) t.equal(count(table), 1, table)
})

t.test('what is deleted is used again', async (t) => {
  const { save, writer, raw } = openStore(t)
  const fill = () =>
    save(
      numbered(300, (at) => ({ issue: 'pay', extra: { text: idOf(String(Math.random() + at)).repeat(20) } })),
    )
  const pages = () => Number(raw.prepare('PRAGMA page_count').get()?.page_count)
  for (let turn = 0; turn < 3; turn++) fill()
  const used = writer.usedBytes()
  const before = pages()
  for (let turn = 0; turn < 10; turn++) {
    // by other ids, as they are the events of other days
    raw.exec(`UPDATE events SET event_id = randomblob(16)`)
    fill()
    while (writer.usedBytes() > used && writer.forgetOldest({ events: 100 }).isMore);
  }
  t.ok(writer.usedBytes() <= used)
  t.ok(pages() < 1.7 * before, `${pages()} pages for ${before}`)
})

t.test('everything about a user is deleted, and nothing of it is left in the file', async (t) => {
  const store = openStore(t)
  const { save, companions, find, erase, bytes, logBytes, reader, count } = store
  const user = { id: 'customer4711', email: 'jo@shop.example' }
  const other = { id: 'customer0815' }
  const said = { text: 'customer4711 has no basket', tags: { who: 'customer4711' } }
  save({ solo: { issue: 'solo', user, ...said } }, companions('solo', 'jo@shop.example'))
  for (let at = 0; at < 20; at++) {
    save({
      [`mine${at}`]: { issue: 'shared', user, ...said },
      [`other${at}`]: { issue: 'shared', user: other, text: `timeout of basket ${at}` },
    })
  }
  save({ foreign: { issue: 'foreign', user: other }, late: { issue: 'foreign', user } })
  t.ok(bytes().includes('customer4711'), 'is in the file before')
  save({ other20: { issue: 'shared', user: other, text: 'timeout of basket 20' } })
  t.same(erase({ userId: 'customer4711' }), { events: 22, attachments: 1, feedback: 1, issues: 3 })
  t.equal(logBytes(), 0, 'nor in its log')

  t.same(find('user:customer4711'), [])
  t.same(find('customer4711'), [])
  t.same(erase({ userId: 'customer4711' }), { events: 0, attachments: 0, feedback: 0, issues: 0 })
  const [issue, ...more] = issuesOf(store).filter(({ message }) => message.includes('basket'))
  t.match(issue, { title: 'TypeError: timeout of basket 0', message: 'timeout of basket 0', users: 1 })
  t.equal(more.length, 0, 'an issue without other events is gone')
  t.equal(issuesOf(store).find(({ message }) => message === 'cannot foreign')?.users, 1)
  t.equal(count('issues'), 2)

  for (const name of ['other0', 'other20', 'foreign']) {
    const found = reader.event(idOf(name)) as StoredEvent
    t.equal(found.event.user?.id, 'customer0815', `${name} is readable`)
    t.equal(found.event.exceptions[0]?.frames.length, 1)
  }
  t.equal(find('user:customer0815').length, 22)
  t.equal(find('timeout basket').length, 21, 'all are found by the words of their new issue')
  t.equal(reader.issue(issue?.id ?? 0, NOW)?.lastEventId, idOf('other20'))
  save({ next: { issue: 'shared', user: other, text: 'timeout of basket 99' } })
  t.equal(reader.event(idOf('next'))?.event.user?.id, 'customer0815', 'the next event has the new dictionary')
  t.equal(count('events'), 23)

  const file = bytes()
  for (const text of ['customer4711', 'jo@shop.example'])
    t.notOk(file.includes(text), `${text} is nowhere in the file`)
})

t.test('what retention has left of the event that an issue was made of is erased as well', async (t) => {
  const store = openStore(t)
  const user = { id: 'customer4711' }
  store.save({ first: { issue: 'pay', user, text: 'customer4711 cannot pay' } }, { receivedAt: OLD })
  store.save(numbered(250, (at) => ({ issue: 'pay', text: `cannot pay ${at}` })))
  t.equal(store.forgetAll(BEFORE).events, 1)
  t.match(issuesOf(store)[0]?.title, /customer4711/, 'the issue lives on, and has its name of that event')
  t.same(store.erase({ userId: 'customer4711' }), { events: 0, attachments: 0, feedback: 0, issues: 1 })
  t.match(issuesOf(store), [{ title: 'TypeError: cannot pay 0' }])
  t.equal(store.find('cannot pay').length, 100, 'a page of them')
  t.notOk(store.bytes().includes('customer4711'))
})

t.test('an erasure that was cut short is taken up again', async (t) => {
  const store = openStore(t)
  const user = { id: 'customer4711' }
  store.save({ first: { issue: 'pay', user, text: 'customer4711 cannot pay' } })
  store.save(numbered(250, (at) => ({ issue: 'pay', text: `cannot pay ${at}` })))
  const steps = store.writer.eraseUser({ userId: 'customer4711' }, describe)
  const some = () => store.raw.prepare('SELECT count(*) AS rows FROM events WHERE codec = 2').get()?.rows
  while (some() === 0) t.not(steps.next().done, true)
  t.ok(Number(some()) < 250, 'in the middle of it')
  store.save({ meanwhile: { issue: 'pay', text: 'cannot pay meanwhile' } })
  t.equal(store.reader.event(idOf('meanwhile'))?.event.exceptions[0]?.message, 'cannot pay meanwhile')
  t.equal(
    store.reader.event(idOf('pay-7'))?.event.exceptions[0]?.message,
    'cannot pay 7',
    'readable at any time',
  )
  t.equal(store.erase({ userId: 'customer4711' }).issues, 1)
  for (const name of ['pay-7', 'pay-249', 'meanwhile']) t.ok(store.reader.event(idOf(name)), name)
  t.notOk(store.bytes().includes('customer4711'))
})

t.test('an e-mail address is enough, in any case of its letters, and a project bounds it', async (t) => {
  const { save, companions, erase, count, find } = openStore(t)
  const user = { id: 'u-1', email: 'Jo@shop.example' }
  save({ one: { issue: 'a', user } }, { projectId: 1 })
  save(
    { two: { issue: 'b', user }, other: { issue: 'b', user: { id: 'u-12', email: 'bo@shop.example' } } },
    { projectId: 2 },
  )
  save({}, { projectId: 2, ...companions('other', 'JO@shop.example') })
  t.same(erase({ email: 'jo@shop.example', projectIds: [2] }), {
    events: 1,
    attachments: 0,
    feedback: 1,
    issues: 1,
  })
  t.same(find('user:u-1'), [idOf('one')])
  t.same(
    erase({ userId: 'U-1' }),
    { events: 0, attachments: 0, feedback: 0, issues: 0 },
    'an id is to the letter',
  )
  t.same(erase({ userId: 'u-1' }), { events: 1, attachments: 0, feedback: 0, issues: 1 })
  t.equal(count('events'), 1)
})
