import type { ErrorEvent } from '@faultline/protocol'
import t from 'tap'
import { describe } from '../../src/digest/grade/describe.js'
import { createGrader } from '../../src/digest/grade/grade.js'
import { bareEvent } from './bare-event.js'

const event = (members: Partial<ErrorEvent> = {}) =>
  bareEvent({ handled: true, mechanism: 'manual', ...members })

t.test('grades by the event, then by rules, then by default', async (t) => {
  const byDefault = createGrader([])
  const expected: [string, Partial<ErrorEvent>][] = [
    ['low', { severity: 'low', level: 'fatal' }],
    ['critical', { level: 'fatal', environment: 'staging' }],
    ['critical', { mechanism: 'process', handled: false }],
    ['high', { mechanism: 'process', handled: false, platform: 'javascript' }],
    ['medium', { mechanism: 'process' }],
    ['high', { mechanism: 'http', handled: false, request: { status: 500 } }],
    ['high', { handled: false }],
    ['high', { problem: { type: 'about:blank', status: 503 } }],
    ['medium', { handled: false, environment: 'staging' }],
    ['medium', {}],
    ['low', { mechanism: 'http', handled: false, level: 'warning', request: { status: 404 } }],
    ['low', { level: 'info', environment: 'staging' }],
  ]
  for (const [severity, members] of expected)
    t.equal(byDefault(event(members)), severity, JSON.stringify(members))

  const grade = createGrader([
    { severity: 'critical', type: 'PaymentError', environment: 'production' },
    {
      severity: 'low',
      service: 'batch',
      statusFrom: 400,
      handled: true,
      mechanism: 'manual',
      level: 'error',
    },
    { severity: 'high', service: 'batch' },
  ])
  const thrown = [{ type: 'PaymentError', message: '', frames: [] }]
  t.equal(grade(event({ exceptions: thrown })), 'critical')
  t.equal(grade(event({ exceptions: thrown, environment: 'test' })), 'medium')
  t.equal(
    grade(event({ service: 'batch', request: { status: 404 } })),
    'low',
    'the first that matches decides',
  )
  t.equal(grade(event({ service: 'batch' })), 'high', 'no status is not from any status')
  t.equal(grade(event({ service: 'batch', severity: 'medium' })), 'medium')
})

t.test('describes an event in a line', async (t) => {
  const frames = [
    { function: 'parse', file: 'node_modules/qs/lib/parse.js', inApp: false },
    { function: 'placeOrder', file: 'src/orders.js', inApp: true },
  ]
  t.strictSame(
    describe(event({ exceptions: [{ type: 'TypeError', message: '\n no\titems \nin order', frames }] })),
    {
      title: 'TypeError: no items',
      type: 'TypeError',
      message: '\n no\titems \nin order',
      culprit: 'placeOrder (src/orders.js)',
    },
  )
  t.match(describe(event({ message: 'disk full', request: { route: '/orders/:id' } })), {
    title: 'disk full',
    type: '',
    message: 'disk full',
    culprit: '/orders/:id',
  })
  t.equal(describe(event({ exceptions: [{ type: 'Error', message: '', frames: [] }] })).title, 'Error')
  t.equal(describe(event()).title, 'No message (error)')
  const nameless = [{ type: 'E', message: '', frames: [{ function: '?', file: 'app.js', inApp: true }] }]
  t.equal(describe(event({ exceptions: nameless })).culprit, 'app.js')
  for (const text of ['x'.repeat(1e6), `${'x'.repeat(198)}😀😀`, '😀'.repeat(500)]) {
    const { title } = describe(event({ message: text }))
    t.ok(title.length <= 200 && !/[\uD800-\uDBFF]…/.test(title), 'cut between characters')
  }
})
