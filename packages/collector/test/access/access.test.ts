import { errorPlugin } from '@faultline/fastify'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { createCallers } from '../../src/access/callers.js'
import { createKeyRing } from '../../src/access/key-ring.js'
import { createRequireRole } from '../../src/access/require-role.js'
import { hashToken, newToken } from '../../src/access/tokens.js'
import type { Caller } from '../../src/store/people.js'
import type { IngestKey, Role } from '../../src/store/store.js'

const KEY = 'a'.repeat(32)
const OTHER_KEY = 'b'.repeat(32)

/** A ring over a list of keys, with a clock that is set by hand. */
function ringOver(...keys: IngestKey[]) {
  const store = { keys, reads: 0, isBroken: false }
  const clock = { ms: 0 }
  const ring = createKeyRing({
    readKeys: () => {
      store.reads++
      if (store.isBroken) throw new Error('the store is away')
      return structuredClone(store.keys)
    },
    now: () => clock.ms,
  })
  return { ring, store, clock }
}

function keyOf(publicKey: string, projectId = 1): IngestKey {
  return { publicKey, projectId, createdAt: 0, revokedAt: null }
}

t.test('the store is asked for keys once a second, however many are asked for', async (t) => {
  const { ring, store, clock } = ringOver(keyOf(KEY, 42))
  for (let index = 0; index < 1000; index++) {
    t.equal(ring.find(String(index)), undefined)
    t.same(ring.find(KEY), { projectId: 42 })
  }
  clock.ms += 999
  ring.find('unknown')
  t.equal(store.reads, 1)
  clock.ms += 1
  ring.find('unknown')
  t.equal(store.reads, 2)
})

t.test('a key that another process makes works within a second', async (t) => {
  const { ring, store, clock } = ringOver(keyOf(KEY))
  ring.find(KEY)
  store.keys.push(keyOf(OTHER_KEY, 7))
  clock.ms += 1000
  t.same(ring.find(OTHER_KEY), { projectId: 7 })
})

t.test('a key that is revoked stops working within a second, and at once after `forget`', async (t) => {
  const { ring, store, clock } = ringOver(keyOf(KEY), keyOf(OTHER_KEY))
  ring.find(KEY)
  store.keys = [{ ...keyOf(KEY), revokedAt: 1 }, keyOf(OTHER_KEY)]
  clock.ms += 1000
  t.equal(ring.find(KEY), undefined)
  store.keys = []
  t.ok(ring.find(OTHER_KEY))
  ring.forget()
  t.equal(ring.find(OTHER_KEY), undefined)
})

t.test('while the store cannot be read, known keys go on working', async (t) => {
  const { ring, store, clock } = ringOver(keyOf(KEY, 42))
  ring.find(KEY)
  store.isBroken = true
  clock.ms += 60_000
  t.same(ring.find(KEY), { projectId: 42 })
  t.throws(() => ring.find(OTHER_KEY), /the store is away/, 'others are not called wrong')
  store.isBroken = false
  t.equal(ring.find(OTHER_KEY), undefined)
})

/** One route for each role, and the tokens that may use them. */
async function guarded(t: Test) {
  const clock = { ms: 0 }
  const tokens = new Map<string, Caller>()
  const store = { asked: 0 }
  const callers = createCallers({
    findToken: async (hash) => {
      store.asked++
      return tokens.get(Buffer.from(hash).toString('hex'))
    },
    findSession: async () => undefined,
    now: () => clock.ms,
  })
  const requireRole = createRequireRole(callers)
  const app = Fastify()
  await app.register(errorPlugin, { logger: false })
  for (const role of ['viewer', 'member', 'admin'] as const)
    app.get(`/${role}`, { onRequest: requireRole(role) }, async () => 'welcome')
  t.teardown(() => app.close())

  const addToken = (role: Role) => {
    const text = newToken()
    const key = Buffer.from(hashToken(text)).toString('hex')
    tokens.set(key, { kind: 'token', id: tokens.size, name: 'ci', role })
    return { text, revoke: () => tokens.delete(key) }
  }
  const get = (url: string, authorization?: string) =>
    app.inject({ url, headers: authorization === undefined ? {} : { authorization } })
  return { get, addToken, clock, store, callers }
}

t.test('a role may do what it is there for, and what lower ones may', async (t) => {
  const { get, addToken } = await guarded(t)
  const may = { viewer: ['viewer'], member: ['viewer', 'member'], admin: ['viewer', 'member', 'admin'] }
  for (const role of ['viewer', 'member', 'admin'] as const) {
    const { text } = addToken(role)
    for (const needed of ['viewer', 'member', 'admin']) {
      const { statusCode } = await get(`/${needed}`, `Bearer ${text}`)
      t.equal(statusCode, may[role].includes(needed) ? 200 : 403, `${role} at ${needed}`)
    }
  }
  const { text } = addToken('viewer')
  const refused = await get('/admin', `Bearer ${text}`)
  t.match(refused.json(), {
    type: 'urn:faultline:errors:role-too-low',
    detail: 'It has the role viewer, and this needs admin.',
  })
})

t.test('without a valid token the answer is 401 with a challenge', async (t) => {
  const { get, addToken } = await guarded(t)
  const { text } = addToken('admin')
  for (const authorization of [undefined, '', text, `Basic ${text}`, 'Bearer', 'Bearer ']) {
    const { statusCode, headers, json } = await get('/viewer', authorization)
    t.equal(statusCode, 401, String(authorization))
    t.equal(headers['www-authenticate'], 'Bearer realm="faultline"')
    t.match(json(), { type: 'urn:faultline:errors:token-missing' })
  }
  const unknown = await get('/viewer', `Bearer ${newToken()}`)
  t.equal(unknown.statusCode, 401)
  t.match(unknown.headers['www-authenticate'], /error="invalid_token"/)
  t.equal((await get('/viewer', `bearer  ${text}`)).statusCode, 200, 'the scheme in any case')
})

t.test('a token is remembered for five seconds, or until it is forgotten', async (t) => {
  const { get, addToken, clock, store, callers } = await guarded(t)
  const { text, revoke } = addToken('viewer')
  await Promise.all(Array.from({ length: 20 }, () => get('/viewer', `Bearer ${text}`)))
  t.equal(store.asked, 1)
  revoke()
  t.equal((await get('/viewer', `Bearer ${text}`)).statusCode, 200, 'another process has revoked it')
  clock.ms += 5000
  t.equal((await get('/viewer', `Bearer ${text}`)).statusCode, 401)
  const other = addToken('viewer')
  t.equal((await get('/viewer', `Bearer ${other.text}`)).statusCode, 200)
  other.revoke()
  callers.forget()
  t.equal((await get('/viewer', `Bearer ${other.text}`)).statusCode, 401, 'this process has revoked it')
})

t.test('a new token says what it is and is never the same', (t) => {
  const token = newToken()
  t.match(token, /^flt_[\w-]{32}$/)
  t.not(token, newToken())
  t.equal(hashToken(token).length, 32)
  t.end()
})
