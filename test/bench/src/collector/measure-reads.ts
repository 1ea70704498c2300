import type { Target } from './load-process.ts'

/** Milliseconds of each call, by what was read. */
export type ReadTimes = Record<string, number[]>

const CALLS = 60
const DAY_MS = 86_400_000

/** One call at a time, over HTTP, each question with another object. */
export async function measureReads({ port, projectId, token }: Target): Promise<ReadTimes> {
  const get = async <Answer>(path: string): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`)
    return (await response.json()) as Answer
  }
  const list = await get<{ items: { id: string }[] }>(`/issues?project=${projectId}&limit=100`)
  const at = (index: number) => list.items[index % list.items.length]?.id
  const since = new Date(Date.now() - 14 * DAY_MS).toISOString()
  const questions: Record<string, (call: number) => string> = {
    'issue list, last seen': () => `/issues?project=${projectId}&limit=50`,
    'issue list, most events': () => `/issues?project=${projectId}&limit=50&sort=events`,
    'issue list, one environment': () => `/issues?project=${projectId}&limit=50&environment=staging`,
    'issue page': (call) => `/issues/${at(call)}`,
    'newest events of an issue': (call) => `/issues/${at(call)}/events?limit=10`,
    '14-day chart': () => `/stats/series?project=${projectId}&since=${since}&step=1h`,
    'search, a broad word': () => `/issues?project=${projectId}&limit=50&query=order`,
    'search, a rare word': (call) => `/issues?project=${projectId}&limit=50&query=${1000 + call * 37}`,
    'search, two words and a key': () =>
      `/issues?project=${projectId}&limit=50&query=${encodeURIComponent('payments refund tag.region:eu-west')}`,
  }
  const times: ReadTimes = {}
  for (const [name, path] of Object.entries(questions)) {
    times[name] = []
    for (let call = 0; call < CALLS; call++) {
      const start = performance.now()
      await get(path(call))
      times[name].push(performance.now() - start)
    }
  }
  return times
}
