import { errorPlugin } from '@faultline/fastify'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { createKeyRing } from '../../src/access/key-ring.js'
import { createRequireRole } from '../../src/access/require-role.js'
import { hashToken, newToken } from '../../src/access/tokens.js'
import type { ApiToken, IngestKey, Role } from '../../src/store/store.js'

const KEY = 'a'.repeat(32)
const OTHER_KEY = 'b'.repeat(32)

/** A ring over a list of keys, with a clock that is set by hand. */
function ringOver(...keys: IngestKey[]) {
  const store = { keys, reads: 0, isBroken: false }
  const clock = { ms: 0 }
  const ring = createKeyRing({
    readKeys: async () => {
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

t.test('a key that is known is answered at once', async (t) => {
  const { ring, store } = ringOver(keyOf(KEY, 42))
  t.same(await ring.find(KEY), { projectId: 42 })
  t.same(ring.find(KEY), { projectId: 42 }, 'without a promise')
  t.equal(store.reads, 1)
})

t.test('a flood of unknown keys asks the store once a second', async (t) => {
  const { ring, store, clock } = ringOver(keyOf(KEY))
  await Promise.all(Array.from({ length: 1000 }, (_, index) => ring.find(String(index))))
  t.equal(store.reads, 1)
  t.equal(ring.find('unknown'), undefined, 'at once')
  clock.ms += 999
  t.equal(ring.find('unknown'), undefined)
  clock.ms += 1
  t.equal(await ring.find('unknown'), undefined)
  t.equal(store.reads, 2)
})

t.test('a key that another process makes works within a second', async (t) => {
  const { ring, store, clock } = ringOver(keyOf(KEY))
  await ring.find(KEY)
  store.keys.push(keyOf(OTHER_KEY, 7))
  clock.ms += 1000
  t.same(await ring.find(OTHER_KEY), { projectId: 7 })
})

t.test('a key that is revoked stops working within five seconds', async (t) => {
  const revoke = (store: { keys: IngestKey[] }) => {
    store.keys = [{ ...keyOf(KEY), revokedAt: 1 }]
  }
  t.test('under load, without a request that waits', async (t) => {
    const { ring, store, clock } = ringOver(keyOf(KEY))
    await ring.find(KEY)
    revoke(store)
    while (ring.find(KEY) !== undefined) {
      t.notOk(ring.find(KEY) instanceof Promise)
      clock.ms += 100
      await new Promise(setImmediate)
    }
    t.ok(clock.ms < 5000, `${clock.ms} ms`)
  })
  t.test('with the first request after an hour', async (t) => {
    const { ring, store, clock } = ringOver(keyOf(KEY))
    await ring.find(KEY)
    revoke(store)
    clock.ms += 3_600_000
    t.equal(await ring.find(KEY), undefined)
  })
})

t.test('while the store is away, known keys go on working', async (t) => {
  const { ring, store, clock } = ringOver(keyOf(KEY, 42))
  await ring.find(KEY)
  store.isBroken = true
  clock.ms += 60_000
  t.same(await ring.find(KEY), { projectId: 42 })
  t.same(ring.find(KEY), { projectId: 42 }, 'and the store is not asked again at once')
  clock.ms += 1000
  await t.rejects(Promise.resolve(ring.find(OTHER_KEY)), /the store is away/, 'others are not called wrong')
  t.equal(store.reads, 3)
})

t.test('what was forgotten is asked for again, and an answer from before does not count', async (t) => {
  const { ring, store } = ringOver(keyOf(KEY))
  const before = ring.find(KEY)
  store.keys = []
  ring.forget()
  await before
  t.equal(await ring.find(KEY), undefined)
  t.equal(store.reads, 2)
})

/** One route for each role, and the tokens that may use them. */
async function guarded(t: Test) {
  const clock = { ms: 0 }
  const tokens = new Map<string, ApiToken>()
  const store = { asked: 0 }
  const requireRole = createRequireRole({
    findToken: async (hash) => {
      store.asked++
      return tokens.get(Buffer.from(hash).toString('hex'))
    },
    now: () => clock.ms,
  })
  const app = Fastify()
  await app.register(errorPlugin, { logger: false })
  for (const role of ['viewer', 'member', 'admin'] as const)
    app.get(`/${role}`, { onRequest: requireRole(role) }, async () => 'welcome')
  t.teardown(() => app.close())

  const addToken = (role: Role) => {
    const text = newToken()
    const token: ApiToken = { id: tokens.size, name: 'ci', role, createdAt: 0, revokedAt: null }
    tokens.set(Buffer.from(hashToken(text)).toString('hex'), token)
    return { text, token }
  }
  const get = (url: string, authorization?: string) =>
    app.inject({ url, headers: authorization === undefined ? {} : { authorization } })
  return { get, addToken, clock, store }
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

t.test('a token is remembered for five seconds, and no longer', async (t) => {
  const { get, addToken, clock, store } = await guarded(t)
  const { text, token } = addToken('viewer')
  await Promise.all(Array.from({ length: 20 }, () => get('/viewer', `Bearer ${text}`)))
  t.equal(store.asked, 1)
  token.revokedAt = 1
  clock.ms += 5000
  t.equal((await get('/viewer', `Bearer ${text}`)).statusCode, 401)
})

t.test('a new token says what it is and is never the same', (t) => {
  const token = newToken()
  t.match(token, /^flt_[\w-]{32}$/)
  t.not(token, newToken())
  t.equal(hashToken(token).length, 32)
  t.end()
})
