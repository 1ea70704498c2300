import { loadConfig, startCollector } from '@faultline/collector'
import { errorPlugin } from '@faultline/fastify'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { auditChanges } from '../../src/api/audit-changes.js'
import { actionOf, guardRoutes, ROUTE_ROLES, roleOf } from '../../src/api/route-roles.js'
import type { NewAuditEntry } from '../../src/store/audit-entry.js'
import { KEY, NOW, stockedApi } from './stocked-api.js'

const AT = new Date(NOW).toISOString()

t.setTimeout(60_000)

t.test('a project is made, renamed, and given another key', async (t) => {
  const { ask } = await stockedApi(t)
  const other = 'B'.repeat(32)
  const body = { name: ' Bank ', id: 4507654321098765, publicKey: other }
  const made = await ask('/projects', { method: 'POST', body })
  t.equal(made.status, 201)
  const dsn = `https://${'b'.repeat(32)}@errors.shop.example/faultline/4507654321098765`
  const keys = [{ publicKey: 'b'.repeat(32), dsn, createdAt: AT, revokedAt: null }]
  t.same(made.body, { id: 4507654321098765, name: 'Bank', slug: 'bank', createdAt: AT, keys })
  t.equal((await ask('/projects', { method: 'POST', body: { name: 'Next' } })).body.id, 4507654321098766)

  const long = await ask('/projects/4507654321098765', { method: 'PATCH', body: { name: 'Vault' } })
  t.equal(long.body.name, 'Vault', 'a number of Sentry, of 16 digits')
  const renamed = await ask('/projects/42', { method: 'PATCH', body: { name: 'Store' } })
  t.match(renamed, { status: 200, body: { id: 42, name: 'Store', slug: 'shop', keys: [{ publicKey: KEY }] } })
  const key = await ask('/projects/42/keys', { method: 'POST' })
  t.match(key, { status: 201, body: { dsn: /\/42$/, createdAt: AT, revokedAt: null } })
  const address = `/projects/42/keys/${key.body.publicKey}`
  t.equal((await ask(address.replace('42', '7'), { method: 'DELETE' })).status, 404, 'of another project')
  t.same(await ask(address, { method: 'DELETE' }), { status: 204, body: undefined })
  t.equal((await ask(address, { method: 'DELETE' })).status, 404)
  const { items } = (await ask('/projects')).body
  t.same(
    items[0].keys.map(({ revokedAt }: { revokedAt: string }) => revokedAt).sort(),
    [AT, null],
    'a revoked key is shown',
  )
})

t.test(
  'a token is shown once, may be for some projects, and is refused at once when it is revoked',
  async (t) => {
    const { ask } = await stockedApi(t)
    const body = { name: 'ci', role: 'viewer', projectIds: [42, 42] }
    const { status, body: made } = await ask('/tokens', { method: 'POST', body })
    t.equal(status, 201)
    t.match(made, { name: 'ci', role: 'viewer', projectIds: [42], createdAt: AT, revokedAt: null })
    t.match(made.token, /^flt_/)
    const { token, ...rest } = made
    const { items } = (await ask('/tokens')).body
    t.same(items.at(-1), rest)
    t.match(items[0], { name: 'admin', projectIds: null })
    t.equal((await ask('/projects', { token })).status, 200, 'it is remembered now')
    t.equal((await ask(`/tokens/${made.id}`, { method: 'DELETE' })).status, 204)
    t.equal((await ask('/projects', { token })).status, 401)
    t.equal((await ask(`/tokens/${made.id}`, { method: 'DELETE' })).status, 404)
  },
)

t.test('a team has people and projects, which take the place of those before', async (t) => {
  const { ask } = await stockedApi(t)
  const made = await ask('/teams', { method: 'POST', body: { name: 'Payments' } })
  const team = { id: 1, name: 'Payments', memberIds: [], projectIds: [], createdAt: AT }
  t.same(made, { status: 201, body: team })
  t.match(await ask('/teams/1', { method: 'PATCH', body: { projectIds: [42] } }), {
    status: 200,
    body: { ...team, projectIds: [42] },
  })
  const renamed = { ...team, name: 'payments', projectIds: [42] }
  t.same((await ask('/teams/1', { method: 'PATCH', body: { name: 'payments' } })).body, renamed)
  t.same((await ask('/teams')).body, { items: [renamed], nextCursor: null })
  t.equal((await ask('/teams/1', { method: 'PATCH', body: { projectIds: [] } })).body.projectIds.length, 0)
  t.equal((await ask('/teams/1', { method: 'DELETE' })).status, 204)
  t.equal((await ask('/teams/1', { method: 'DELETE' })).status, 404)
})

t.test('what is taken is a 409, what is not there a 404, and a mistake a 400', async (t) => {
  const { ask, writer } = await stockedApi(t)
  writer.createTeam('Payments', NOW)
  writer.createTeam('Orders', NOW)
  const token = { name: 'ci', role: 'member' }
  const refused: [request: string, body: object | undefined, status: number, detail?: RegExp][] = [
    ['POST /projects', { name: 'Twin', id: 42 }, 409, /There is a project 42 already/],
    ['POST /projects', { name: 'Twin', publicKey: KEY }, 409, /key is in use/],
    ['POST /projects', { name: ' ' }, 400],
    ['POST /projects', { name: 'Own', id: 0 }, 400],
    ['POST /projects', { name: 'Typo', publickey: KEY }, 400],
    ['POST /projects', undefined, 400],
    ['PATCH /projects/9', { name: 'Nine' }, 404, /There is no project 9/],
    ['PATCH /projects/x', { name: 'Nine' }, 404],
    ['PATCH /projects/99999999999999999999', { name: 'Nine' }, 404],
    ['POST /projects/9/keys', undefined, 404, /There is no project 9/],
    ['POST /tokens', { ...token, role: 'root' }, 400],
    ['POST /tokens', { ...token, projectIds: [9] }, 404, /There is no project 9/],
    ['POST /tokens', { ...token, projectIds: [] }, 400, /names at least one/],
    ['POST /tokens', { ...token, role: 'admin', projectIds: [42] }, 400, /an admin sees everything/],
    ['DELETE /tokens/99', undefined, 404, /There is no token 99/],
    ['POST /teams', { name: 'PAYMENTS' }, 409, /There is a team PAYMENTS already/],
    ['PATCH /teams/2', { name: 'Payments', projectIds: [42] }, 409],
    ['PATCH /teams/2', { projectIds: [42, 9] }, 404, /There is no project 9/],
    ['PATCH /teams/2', { memberIds: [1] }, 404, /There is no user 1/],
    ['PATCH /teams/3', {}, 404, /There is no team 3/],
    ['GET /audit-log?since=soon', undefined, 400],
  ]
  const before = await everything()
  for (const [request, body, status, detail] of refused) {
    const [method = '', path = ''] = request.split(' ')
    const answer = await ask(path, { method, body })
    t.equal(answer.status, status, `${request} ${JSON.stringify(body)} ${JSON.stringify(answer.body)}`)
    if (detail !== undefined) t.match(answer.body.detail, detail)
  }
  t.same(await everything(), before, 'and nothing has changed, and nothing is in the audit log')

  async function everything() {
    const lists = ['/projects', '/tokens', '/teams', '/audit-log']
    return Promise.all(lists.map(async (path) => (await ask(path)).body))
  }
})

t.test('the audit log says who has changed what, without secrets, the last change first', async (t) => {
  const { ask } = await stockedApi(t)
  const changes: [request: string, body: object | undefined, action: string, target: string][] = [
    ['POST /projects', { name: 'Bank' }, 'project.create', '/projects/43'],
    ['PATCH /projects/43', { name: 'Vault' }, 'project.rename', '/projects/43'],
    ['POST /tokens', { name: 'ci', role: 'viewer' }, 'token.create', '/tokens/2'],
    ['DELETE /tokens/2?why=lost', undefined, 'token.revoke', '/tokens/2'],
    ['DELETE /projects/42/keys/KEY'.replace('KEY', KEY), undefined, 'key.revoke', `/projects/42/keys/${KEY}`],
  ]
  for (const [request, body] of changes) {
    const [method = '', path = ''] = request.split(' ')
    await ask(path, { method, body })
  }
  const { publicKey } = (await ask('/projects/43/keys', { method: 'POST' })).body
  const { items } = (await ask('/audit-log')).body
  const who = { actor: 'token:1', actorName: 'admin', at: AT }
  const expected = changes.map(([, body, action, target]) => ({
    ...who,
    action,
    target,
    details: body ?? {},
  }))
  const last = { ...who, action: 'key.create', target: `/projects/43/keys/${publicKey}`, details: {} }
  t.same(items, [...expected, last].map((entry, index) => ({ ...entry, id: String(index + 1) })).reverse())

  const actions = async (query: string) =>
    (await ask(`/audit-log?${query}`)).body.items.map(({ action }: { action: string }) => action)
  t.same(await actions('action=token.revoke'), ['token.revoke'])
  t.same(await actions('actor=user:1'), [])
  t.equal((await actions('actor=token:1&since=-1h')).length, 6)
  t.same(await actions(`until=${AT}`), [])
  const page = (await ask('/audit-log?limit=4')).body
  t.same(await actions(`limit=4&cursor=${page.nextCursor}`), ['project.rename', 'project.create'])
})

/** Every change of the table, with a handler that answers as it is told. */
async function everyChange(t: Test, handler: (request: FastifyRequest, reply: FastifyReply) => unknown) {
  const entries: NewAuditEntry[] = []
  const log = { isBroken: false }
  const writes = {
    audit: async (entry: NewAuditEntry) => {
      if (log.isBroken) throw new Error('The disk is full.')
      entries.push(entry)
    },
  }
  const changes = Object.keys(ROUTE_ROLES)
    .map((route) => route.split(' ') as [method: 'POST', path: string])
    .filter(([method, path]) => actionOf({ method, url: path }) !== undefined)
  const app = Fastify()
  await app.register(errorPlugin, { logger: false })
  await app.register(
    async (api) => {
      guardRoutes(api, () => async (request) => {
        if (request.headers.authorization === 'nobody') return
        request.caller = { kind: 'user', id: 3, name: 'Ann', role: 'admin' }
      })
      auditChanges(api, { writes: writes as never, now: () => NOW })
      for (const [method, url] of changes) api.route({ method, url, handler })
    },
    { prefix: '/api/v1' },
  )
  t.teardown(() => app.close())
  const change = ([method, path]: (typeof changes)[number], authorization = 'Ann') =>
    app.inject({
      method,
      url: `/api/v1${path.replaceAll(/:\w+/g, '7')}`,
      headers: { authorization },
      payload: { name: 'x', password: 'a', token: 'b', current: 'c', next: 'd' },
    })
  return { changes, entries, change, log }
}

t.test(
  'every change of the table is in the audit log once it is done, and not when it is refused',
  async (t) => {
    let status = 204
    const { changes, entries, change, log } = await everyChange(t, async (_, reply) =>
      reply.code(status).send(status === 204 ? undefined : { id: 8 }),
    )
    t.ok(changes.length >= 11)
    for (const route of changes) {
      for (status of [400, 403, 404, 409, 500, 304]) await change(route)
      t.same(entries, [], `${route} is refused`)
      status = 204
      t.equal((await change(route)).statusCode, 204)
      const action = actionOf({ method: route[0], url: route[1] })
      const target = route[1].replaceAll(/:\w+/g, '7')
      const filtered = '[Filtered]'
      const details = { name: 'x', password: filtered, token: filtered, current: filtered, next: filtered }
      const isOpen = roleOf({ method: route[0], url: route[1] }) === 'anyone' // such a route says itself who it was
      const who = isOpen ? { actor: 'anyone', actorName: '' } : { actor: 'user:3', actorName: 'Ann' }
      t.same(entries.splice(0), [{ ...who, action, target, details }], `${route}`)
      log.isBroken = true
      t.equal((await change(route)).statusCode, 500, `${route}: no 2xx without an entry`)
      log.isBroken = false
    }
    const route = changes[0] as (typeof changes)[number]
    status = 201
    await change(route, 'nobody')
    t.match(entries, [{ actor: 'anyone', actorName: '', target: `${route[1]}/8` }])
  },
)

t.test('a change without an action cannot be added', async (t) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    Object.assign(ROUTE_ROLES, { [`${method} /secrets`]: 'admin' })
    t.throws(() => actionOf({ method, url: '/secrets' }), /Say in ROUTE_ROLES which action \w+ \/secrets is/)
  }
})

t.test('intake refuses a key, and the API a token, as soon as the API has revoked it', async (t) => {
  const config = {
    ...loadConfig({ env: {}, folder: t.testdirName }),
    host: '127.0.0.1',
    port: 0,
    minFreeDiskBytes: 0,
  }
  const collector = await startCollector({ ...config, data: t.testdir() }, { log: pino({ level: 'silent' }) })
  t.teardown(() => collector.close())
  const admin = await collector.createToken({ name: 'admin', role: 'admin' })
  const ask = async (
    method: string,
    path: string,
    { body, token = admin }: { body?: object; token?: string } = {},
  ) => {
    const response = await fetch(collector.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
  }
  const send = async (token: string) =>
    (await ask('POST', '/api/1/events', { body: { id: EVENT, events: [] }, token })).status
  const project = (await ask('POST', '/api/v1/projects', { body: { name: 'Shop' } })).body
  const [{ publicKey }] = project.keys
  for (let round = 0; round < 3; round++) {
    const made = (await ask('POST', '/api/v1/projects/1/keys')).body
    t.equal(await send(made.publicKey), 202, 'a new key works at once')
    t.equal((await ask('DELETE', `/api/v1/projects/1/keys/${made.publicKey}`)).status, 204)
    t.equal(await send(made.publicKey), 401)
    const { id, token } = (await ask('POST', '/api/v1/tokens', { body: { name: 'ci', role: 'viewer' } })).body
    t.equal((await ask('GET', '/api/v1/projects', { token })).status, 200)
    t.equal((await ask('DELETE', `/api/v1/tokens/${id}`)).status, 204)
    t.equal((await ask('GET', '/api/v1/projects', { token })).status, 401)
  }
  t.equal(await send(publicKey), 202, 'the other key still works')
  const team = (await ask('POST', '/api/v1/teams', { body: { name: 'Payments' } })).body
  await ask('PATCH', `/api/v1/teams/${team.id}`, { body: { projectIds: [1] } })
  t.equal((await ask('PATCH', '/api/v1/projects/1', { body: { name: 'Store' } })).body.name, 'Store')
  t.equal((await ask('POST', '/api/v1/projects', { body: { name: 'Twin', id: 1 } })).status, 409)
  t.equal((await ask('DELETE', `/api/v1/teams/${team.id}`)).status, 204)
  const { items } = (await ask('GET', '/api/v1/audit-log')).body
  t.equal(items.length, 1 + 3 * 4 + 4)
})

const EVENT = '01a20a01-d6aa-74cb-a9bf-f41e7b2842e2'
