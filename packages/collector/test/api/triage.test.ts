import t from 'tap'
import { stockedApi } from './stocked-api.js'

t.test(
  'all mistakes of a request are said at once, each with its name and with what would be right',
  async (t) => {
    const { ask } = await stockedApi(t)
    const query = await ask('/issues?staus=all&limit=0&sort=random&project=shop')
    t.equal(query.status, 400)
    const said = query.body.errors.map((error: object) => JSON.stringify(error)).sort()
    t.match(said, [
      /limit/,
      /project/,
      /sort.*lastSeen, firstSeen, events, users/,
      /staus.*not known.*status/,
    ])
    t.match(
      (await ask('/issues?since=yesterday&until=tomorrow')).body.detail,
      /since is a time.*until is a time/,
    )
  },
)

t.test('a step that is not possible is refused with those that are', async (t) => {
  const { ask } = await stockedApi(t)
  t.match((await ask('/stats/series?step=7m')).body, { status: 400, detail: /1h, 6h, 1d, 1w.*issue.*1m/ })
  t.match((await ask('/stats/series?step=7m&by=requests')).body, { status: 400, detail: /1m.*1h, 6h/ })
})

t.test('a change that is longer than changes are is not read', async (t) => {
  const { ask } = await stockedApi(t)
  const body = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`member${index}`, 1]))
  t.equal((await ask('/issues/1', { method: 'PATCH', body })).status, 413)
})
