// What of the numbers in a client report is believed.
import t from 'tap'
import { readClientReports } from '../../src/digest/body/client-report.js'

t.test('no number of client reports claims more than one batch may', (t) => {
  const report = (...quantities: unknown[]) => ({
    header: { type: 'client_report' },
    payload: Buffer.from(
      JSON.stringify({ discarded_events: quantities.map((quantity) => ({ reason: 'lost', quantity })) }),
    ),
  })
  const counted = (...reports: ReturnType<typeof report>[]) => readClientReports(reports)[0]?.count
  const most = 2_147_483_647
  t.equal(counted(report(2), report(3)), 5)
  t.equal(counted(report(1e300)), most)
  t.equal(counted(report(most, most), report(most)), most)
  t.equal(counted(report(0.5, 0, -1, '7', null)), undefined)
  t.end()
})
