import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { openStoreWriter } from '../../src/store/sqlite/open-store.js'
import { openStoreReader } from '../../src/store/sqlite/read/open-store-reader.js'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')

/** Both halves of a store, and a connection beside them. */
function openStore(t: Test) {
  const file = join(t.testdir(), 'store.db')
  const writer = openStoreWriter(file)
  const reader = openStoreReader(file)
  const database = new DatabaseSync(file)
  t.teardown(() => {
    database.close()
    reader.close()
    writer.close()
  })
  return { writer, reader, database }
}

const hash = (byte: number) => new Uint8Array(32).fill(byte)

t.test('a user sees the projects of their teams and those of none, an administrator all', async (t) => {
  const { writer, reader, database } = openStore(t)
  for (const name of ['Free', 'Ours', 'Theirs', 'Shared']) writer.createProject({ name }, NOW)
  database.exec(`INSERT INTO teams VALUES (1, 'us', 0), (2, 'them', 0);
    INSERT INTO team_projects VALUES (1, 2), (2, 3), (1, 4), (2, 4);
    INSERT INTO team_members VALUES (1, 1), (1, 3)`)
  const seenBy = (role: 'admin' | 'member', id: number) => {
    const user = writer.users.createUser({ email: `${id}@shop.example`, name: 'x', role }, NOW)
    t.equal(user.id, id)
    writer.users.createSession({ userId: id, hash: hash(id), expiresAt: NOW + 1 }, NOW)
    const caller = reader.findSession(hash(id), NOW)
    t.match(caller, { kind: 'user', id, name: 'x', role })
    return caller?.projectIds
  }
  t.same(seenBy('member', 1), [1, 2, 4])
  t.same(seenBy('member', 2), [1], 'of no team')
  t.equal(seenBy('admin', 3), undefined)
})

t.test('a token sees the projects that it is for, or all', async (t) => {
  const { writer, reader, database } = openStore(t)
  writer.createToken({ name: 'all', role: 'viewer', hash: hash(1) }, NOW)
  writer.createToken({ name: 'some', role: 'admin', hash: hash(2) }, NOW)
  database.exec('INSERT INTO token_projects VALUES (2, 7), (2, 9)')
  t.same(reader.findToken(hash(1)), { kind: 'token', id: 1, name: 'all', role: 'viewer' })
  t.same(reader.findToken(hash(2))?.projectIds, [7, 9])
})

t.test('sessions that have expired go when a new one comes', async (t) => {
  const { writer, reader, database } = openStore(t)
  const { id: userId } = writer.users.createUser({ email: 'a@b', name: 'a', role: 'viewer' }, NOW)
  const count = () => database.prepare('SELECT count(*) AS count FROM sessions').get()?.count
  writer.users.createSession({ userId, hash: hash(1), expiresAt: NOW + 10 }, NOW)
  writer.users.createSession({ userId, hash: hash(2), expiresAt: NOW + 20 }, NOW)
  t.equal(count(), 2)
  t.equal(reader.findSession(hash(1), NOW + 10), undefined)
  t.ok(reader.findSession(hash(2), NOW + 10))
  writer.users.createSession({ userId, hash: hash(3), expiresAt: NOW + 30 }, NOW + 10)
  t.equal(count(), 2)
  t.equal(writer.users.createSession({ userId: 99, hash: hash(4), expiresAt: NOW + 30 }, NOW), undefined)
})

t.test('a link that cannot be used changes nothing', async (t) => {
  const { writer, reader } = openStore(t)
  const { id: userId } = writer.users.createUser({ email: 'a@b', name: 'a', role: 'viewer' }, NOW)
  writer.users.createOneTimeLink({ userId, hash: hash(1), expiresAt: NOW + 10 }, NOW)
  writer.users.createSession({ userId, hash: hash(2), expiresAt: NOW + 1000 }, NOW)
  t.equal(writer.users.useOneTimeLink({ hash: hash(1), password: 'late' }, NOW + 10), undefined)
  t.equal(writer.users.useOneTimeLink({ hash: hash(9), password: 'unknown' }, NOW), undefined)
  t.equal(reader.findLogin({ userId })?.password, null)
  t.ok(reader.findSession(hash(2), NOW))
  t.match(writer.users.useOneTimeLink({ hash: hash(1), password: 'hashed' }, NOW), { id: userId })
  t.equal(reader.findLogin({ email: 'A@B' })?.password, 'hashed')
  t.equal(reader.findSession(hash(2), NOW), undefined)
})
