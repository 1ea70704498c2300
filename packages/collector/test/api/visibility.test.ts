import t from 'tap'
import { hashToken, newToken } from '../../src/access/tokens.js'
import { ROUTE_ROLES, roleOf } from '../../src/api/route-roles.js'
import { NOW, prepared, stockedApi } from './stocked-api.js'

/** What only project 42 says. */
const MARK = 'vault'
const TAKES_PROJECT = [
  '/issues',
  '/search',
  '/stats/series',
  '/stats/outcomes',
  '/stats/top-issues',
  '/dlq',
  '/live',
  '/releases',
  '/services',
]
const TRACE = 'c'.repeat(32)
/** What could find it all the same. */
const ASKED_OTHERWISE = [
  '/issues?status=all',
  `/issues?query=${MARK}`,
  `/issues?query=trace:${TRACE}`,
  '/issues?query=project:shop',
  `/issues?service=${MARK}&sort=events`,
  `/search?q=${TRACE}`,
  `/search?q=service:${MARK}`,
  '/stats/series?by=service',
  '/stats/series?by=environment&step=1d&since=-7d',
  '/stats/outcomes?since=-24h',
  '/stats/top-issues?since=-7d',
]

t.test('what belongs to a project that may not be seen is not there, on any route', async (t) => {
  const { ask, save, writer } = await stockedApi(t)
  writer.createProject({ name: 'Bank', id: 7 }, NOW)
  const { deadId, eventId } = fill()
  const limited = newToken()
  writer.createToken({ name: 'bank', role: 'member', hash: hashToken(limited), projectIds: [7] }, NOW)

  const places = { issueId: '1', eventId, deadLetterId: deadId, key: 'tag.region' }
  let asked = 0
  for (const route of Object.keys(ROUTE_ROLES)) {
    const [method = '', path = ''] = route.split(' ')
    if (path.startsWith('/session') || !['viewer', 'member'].includes(roleOf({ method, url: path }))) continue
    const address = path.replaceAll(/:(\w+)/g, (_, name: keyof typeof places) => places[name])
    const query = path === '/search' ? `?q=${MARK}` : ''
    const body = method === 'PATCH' ? { status: 'resolved' } : undefined
    const answer = await ask(address + query, { method, body, token: limited })
    t.equal(answer.status, path.includes(':') ? 404 : 200, `${route}: ${answer.status}`)
    t.notMatch(JSON.stringify(answer.body ?? ''), MARK, route)
    asked++
  }
  t.ok(asked >= 10)
  for (const path of ASKED_OTHERWISE) {
    t.match(JSON.stringify((await ask(path)).body), /vault|SHOP-1|"count":1/, `${path} finds it`)
    t.notMatch(JSON.stringify((await ask(path, { token: limited })).body), /vault|shop|"count":[1-9]/i, path)
  }
  const ofIssue = (await ask('/stats/series?issue=1&step=1h', { token: limited })).body
  t.notMatch(JSON.stringify(ofIssue), /"count":[1-9]/)
  for (const path of TAKES_PROJECT) {
    const query = path === '/search' ? '&q=x' : ''
    t.equal(
      (await ask(`${path}?project=42${query}`, { token: limited })).status,
      404,
      `${path} of project 42`,
    )
    t.equal((await ask(`${path}?project=7${query}`, { token: limited })).status, 200, `${path} of project 7`)
  }
  t.match((await ask(`/search?q=${eventId}`, { token: limited })).body, { events: [], issues: [] })
  t.match((await ask('/issues/1')).body, { status: 'unresolved' }, 'nothing has been changed')
  t.match((await ask('/search?q=vault')).body, { events: [{ id: eventId }] }, 'who may see it finds it')

  function fill() {
    const of = { tags: { region: MARK }, trace: { traceId: TRACE } }
    const vault = prepared({ issue: MARK, service: MARK, release: MARK, environment: MARK, ...of })
    const dead = [{ index: 0, stage: 'scrub', reason: MARK, count: 1 }]
    save({ events: [vault], dead, dropped: [{ reason: MARK, count: 1 }] })
    return { eventId: vault.event.id, deadId: '1' }
  }
})
