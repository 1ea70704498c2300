import t from 'tap'
import type { Books } from '../src/books.js'
import { createMetrics } from '../src/metrics.js'
import type { OutcomeCount } from '../src/store/store.js'

t.test('an outcome that becomes another one is no counter that falls', async (t) => {
  const metrics = createMetrics()
  const failed = { outcome: 'failed', reason: 'scrub', protocol: 'faultline', projectId: 1 } as const
  const stored = { ...failed, outcome: 'stored', reason: '' } as const
  const read = async (outcomes: OutcomeCount[]) => {
    const books: Books = {
      received: new Map([[1, 2]]),
      outcomes,
      pending: { bodies: 0, events: 0, bytes: 0 },
    }
    const sources = {
      readBooks: async () => books,
      reads: { countDeadLetters: async () => 0 },
      lagSeconds: () => 0,
      databases: {},
    }
    const { body } = await metrics.text(sources)
    return body.split('\n').filter((line) => /^(?:# TYPE )?faultline_outcomes/.test(line))
  }
  const type = '# TYPE faultline_outcomes gauge'
  const ofFailed = 'faultline_outcomes{outcome="failed",reason="scrub",protocol="faultline"}'
  const ofStored = 'faultline_outcomes{outcome="stored",reason="",protocol="faultline"}'
  t.strictSame(await read([{ ...failed, count: 2 }]), [type, `${ofFailed} 2`])
  t.strictSame(
    await read([
      { ...failed, count: 1 },
      { ...stored, count: 1 },
    ]),
    [type, `${ofFailed} 1`, `${ofStored} 1`],
    'after one of them was replayed',
  )
  t.strictSame(await read([{ ...stored, count: 2 }]), [type, `${ofStored} 2`], 'and the other')
})
