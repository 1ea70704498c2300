import t from 'tap'
import { BadRequestToStore, ISSUE_SORTS, type IssueSummary } from '../../src/store/store.js'
import { filter, openStore } from './opened-store.js'
import { body, NOW, prepared } from './sample-body.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

t.test('the top issues of a period are those that counting all of its events finds', async (t) => {
  const { writer, reader } = openStore(t)
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  const random = randomFrom(seed)
  const happenings = Array.from({ length: 400 }, (_, number) => ({
    name: `e${number}`,
    issue: `i${Math.floor(40 * random() ** 2)}`,
    at: NOW - Math.floor(10 * DAY_MS * random()),
  }))
  const events = happenings.map(({ name, issue, at }) => prepared(name, { issue, at }))
  writer.save([body(1, events, { receivedAt: NOW })])
  const nameOf = ({ message }: IssueSummary) => message.replace('cannot ', '')
  for (const [days, limit] of [
    [10, 200],
    [10, 3],
    [3, 200],
    [3, 5],
    [1, 1],
  ] as const) {
    const [since, until] = [NOW - days * DAY_MS, NOW - DAY_MS / 2]
    const counts = new Map<string, number>()
    for (const { issue, at } of happenings)
      if (at >= since && at < until) counts.set(issue, (counts.get(issue) ?? 0) + 1)
    const expected = [...counts.values()].sort((a, b) => b - a).slice(0, limit)
    const top = reader.topIssues({ since, until, limit })
    t.same(
      top.map(({ count }) => count),
      expected,
      `seed ${seed}: ${days} days, ${limit}`,
    )
    for (const { count, issue } of top) t.equal(count, counts.get(nameOf(issue)))
  }
  t.throws(() => reader.topIssues({ since: NOW, until: NOW, limit: 5 }), BadRequestToStore)
  t.throws(() => reader.topIssues({ since: NOW - 32 * DAY_MS, until: NOW, limit: 5 }), BadRequestToStore)
})

t.test('what is read of some projects is theirs alone, whichever index finds it', async (t) => {
  const { writer, reader, save } = openStore(t)
  writer.createProject({ name: 'Small' }, NOW)
  for (let issue = 0; issue < 30; issue++)
    save({ [`n${issue}`]: { issue: `n${issue}`, at: NOW - issue * MINUTE_MS } })
  writer.save([
    body(writer.position() + 1, [prepared('s', { issue: 'small' })], { projectId: 2, receivedAt: NOW }),
  ])
  for (const [projectIds, count] of [
    [[1], 30],
    [[2], 1],
    [[1, 2], 31],
    [[], 0],
    [[9], 0],
  ] as const) {
    for (const sort of ISSUE_SORTS) {
      const seen: number[] = []
      let cursor: string | undefined
      do {
        const page = reader.issues(filter({ sort, projectIds, limit: 7, cursor }))
        seen.push(...page.items.map(({ id }) => id))
        t.ok(page.items.every(({ projectId }) => projectIds.some((id) => id === projectId)))
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      t.equal(new Set(seen).size, count, `${projectIds} by ${sort}`)
      const inOrder = reader
        .issues(filter({ sort }))
        .items.map(({ id }) => id)
        .filter((id) => seen.includes(id))
      t.same(seen, inOrder)
    }
    const top = reader.topIssues({ since: NOW - DAY_MS, until: NOW + 1, limit: 200, projectIds })
    t.equal(top.length, count)
  }
  t.equal(reader.tagsOf(1, { projectIds: [2] }), undefined)
  t.equal(reader.tagValues(1, { key: 'release', limit: 5, projectIds: [2] }), undefined)
  t.equal(reader.tagsOf(1, { projectIds: [1] })?.find(({ key }) => key === 'environment')?.total, 1)
})

/** Numbers from 0 to 1, the same for a seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
