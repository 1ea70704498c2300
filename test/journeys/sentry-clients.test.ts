// Today's clients of Sentry, told nothing of Faultline but a DSN: what they send is an issue as their users know it, and they obey.
import { captureError, createReporter } from '@faultline/node'
import {
  BrowserClient,
  breadcrumbsIntegration,
  defaultStackParser,
  linkedErrorsIntegration,
  makeFetchTransport,
  Scope,
} from '@sentry/browser'
import t, { type Test } from 'tap'
import { hasPythonSdk, runClient } from './client-programs.js'
import { type Issue, type ReadEvent, type RunningCollector, runCollector } from './running-collector.js'

const RELEASE = 'shop@1.2.3'
const ENVIRONMENT = 'staging'
/** In what each client sends. */
const SECRETS = ['hunter2', 'abc123def456', '4111 1111 1111 1111']
const EMAIL = 'jane@example.com'
const TOO_MANY = 12

t.setTimeout(180_000) // a client is a process, and Python's SDK is installed at the first run

for (const { client, program, file, names, thrown, cause } of [
  nodeShop('7'),
  nodeShop('11'),
  {
    client: 'sentry-sdk of Python',
    program: ['shop.py'],
    file: 'shop.py',
    names: ['checkout', 'place_order'],
    thrown: 'ValueError',
    cause: 'KeyError',
  },
])
  t.test(`${client}: a chained exception and a message`, { skip: whyNot(program) }, async (t) => {
    const collector = await runCollector(t)
    await runClient(program, {
      SENTRY_DSN: collector.dsn,
      SENTRY_RELEASE: RELEASE,
      SENTRY_ENVIRONMENT: ENVIRONMENT,
    })
    const [failure, message] = await readBoth(t, collector)

    t.match(failure.issue, {
      title: `${thrown}: Checkout of order 12345 failed for [Filtered]`,
      count: 1,
      users: 1,
      severity: 'medium',
      release: RELEASE,
    })
    t.match(failure.issue.culprit, new RegExp(`^checkout \\(.*${file}\\)$`))
    t.match(failure.event, {
      level: 'error',
      mechanism: 'manual',
      handled: true,
      tags: { feature: 'checkout' },
    })
    t.strictSame(
      failure.event.exceptions.map(({ type }) => type),
      [thrown, cause],
      'what was thrown, then its cause',
    )
    t.strictSame(
      failure.event.exceptions.map(({ frames }) => frames.find(({ inApp }) => inApp)?.function),
      names,
    )
    t.match(failure.event.breadcrumbs, [{ category: 'cart', message: 'paid with [Filtered]', level: 'info' }])
    t.match(message.issue, { title: /^Stock of \[Filtered\] is low, /, count: 1, level: 'warning' })
    t.match(failure.event.sdk.name, /^sentry\./)
  })

t.test('what nobody has caught is unhandled, and critical', async (t) => {
  const collector = await runCollector(t)
  const programs = [
    ['crash.mjs', '7', 'exception'],
    ['crash.mjs', '11', 'exception'],
    ['crash.mjs', '7', 'rejection'],
    ['crash.mjs', '11', 'rejection'],
    ['crash.py'],
  ].filter((program) => !whyNot(program))
  for (const program of programs) {
    const end = await runClient(program, { SENTRY_DSN: collector.dsn }).catch((error) => error)
    // of a rejection, Sentry's client only warns
    t.equal(end?.code ?? 0, program.includes('rejection') ? 0 : 1, program.join(' '))
  }
  const issues = await collector.issues()
  t.match(
    issues
      .map(({ title, count }) => `${count} ${title}`)
      .sort()
      .reverse(),
    [
      '2 RangeError: The shop has no window.',
      '2 RangeError: The shop has no door.',
      ...(programs.length === 5 ? ['1 ZeroDivisionError: The shop has no door.'] : []),
    ],
  )
  for (const { id, severity } of issues) {
    t.equal(severity, 'critical')
    for (const event of await collector.eventsOf(id)) t.match(event, { handled: false, mechanism: 'process' })
  }
})

t.test('@sentry/browser: as a page of another origin sends it', async (t) => {
  const collector = await runCollector(t)
  const client = new BrowserClient({
    dsn: collector.dsn,
    release: RELEASE,
    environment: ENVIRONMENT,
    transport: makeFetchTransport,
    stackParser: defaultStackParser,
    integrations: [linkedErrorsIntegration(), breadcrumbsIntegration({ dom: false, history: false })],
  })
  const scope = new Scope()
  scope.setUser({ id: '7', email: EMAIL })
  scope.setTag('feature', 'checkout')
  scope.addBreadcrumb({ category: 'cart', message: 'paid with 4111 1111 1111 1111' })
  scope.setClient(client)
  client.init()

  const cause = Object.assign(new TypeError('No items'), {
    stack: inPage('TypeError: No items', 'placeOrder'),
  })
  const error = Object.assign(new Error(`Checkout of order 12345 failed for ${EMAIL}`, { cause }), {
    stack: inPage('Error: Checkout of order 12345 failed', 'checkout'),
  })
  scope.captureException(error)
  scope.captureMessage(`Stock of ${EMAIL} is low, token=abc123def456`, 'warning')
  t.ok(await client.close(10_000))

  const [failure, message] = await readBoth(t, collector)
  t.match(failure.issue, {
    title: 'Error: Checkout of order 12345 failed for [Filtered]',
    culprit: 'checkout (https://shop.example/assets/shop.js)',
    release: RELEASE,
  })
  t.match(failure.event, {
    platform: 'javascript',
    handled: true,
    exceptions: [{ type: 'Error' }, { type: 'TypeError', frames: [{ function: 'placeOrder', inApp: true }] }],
    breadcrumbs: [{ category: 'cart', message: 'paid with [Filtered]' }],
  })
  t.match(message.issue, { title: /^Stock of \[Filtered\] is low, /, level: 'warning' })
})

t.test('a browser may ask first, and read every answer', async (t) => {
  const collector = await runCollector(t)
  const origin = 'https://shop.example'
  const intake = `${collector.url}/api/1/envelope/`
  const preflight = await fetch(`${intake}?sentry_key=${collector.publicKey}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-sentry-auth,sentry-trace,baggage',
    },
  })
  t.equal(preflight.status, 204)
  t.equal(preflight.headers.get('access-control-allow-origin'), '*')
  t.match(preflight.headers.get('access-control-allow-methods'), /POST/)
  const allowed = preflight.headers.get('access-control-allow-headers')?.split(', ')
  for (const name of ['content-type', 'x-sentry-auth', 'sentry-trace', 'baggage'])
    t.ok(allowed?.includes(name), name)

  const wrong = await fetch(`${intake}?sentry_key=${'0'.repeat(32)}`, {
    method: 'POST',
    headers: { origin, 'content-type': 'text/plain;charset=UTF-8' },
    body: '{}\n{"type":"event"}\n{}',
  })
  t.equal(wrong.status, 403)
  t.equal(wrong.headers.get('access-control-allow-origin'), '*')
  t.match(wrong.headers.get('access-control-expose-headers'), /x-sentry-error.*retry-after/)
})

for (const program of [['flood.mjs', '7'], ['flood.mjs', '11'], ['flood.py']])
  t.test(
    `${program.join(' ')}: a client that is told to wait, waits`,
    { skip: whyNot(program) },
    async (t) => {
      const collector = await runCollector(t, { config: { rateLimit: 2 }, now: stoppedClock() })
      await runClient([...program, String(TOO_MANY)], { SENTRY_DSN: collector.dsn })

      const refused = Object.values(await collector.refused()).reduce((sum, count) => sum + count, 0)
      t.equal(refused, 1, 'it asks once, and never again')
      t.match(await collector.outcomes(), { 'sentry stored': 2 })
    },
  )

t.test('our own reporter waits too, and loses nothing', async (t) => {
  const collector = await runCollector(t, { config: { rateLimit: 60 } })
  const reporter = createReporter({ dsn: collector.dsn, service: 'shop' })
  // The first batch takes some seconds more than there is; what follows is refused, and comes again.
  for (const [count, prefix] of [
    [64, 'first'],
    [6, 'then'],
  ] as const) {
    for (let at = 0; at < count; at++) captureError(new Error(`${prefix} ${'x'.repeat(at)}`), { reporter })
    await reporter.flush(1000)
  }
  t.ok(await reporter.close(20_000))
  t.match(await collector.outcomes(), { 'faultline stored': 70 })
  t.ok((await collector.refused()).RateLimited)
})

function nodeShop(major: string) {
  return {
    client: `@sentry/node ${major}`,
    program: ['shop.mjs', major],
    file: 'shop.mjs',
    names: ['checkout', 'placeOrder'],
    thrown: 'Error',
    cause: 'TypeError',
  }
}

/** So that no time passes for the rate limit, however slow the machine is. */
function stoppedClock(): () => number {
  const now = Date.now()
  return () => now
}

/** Without Python it is skipped, but for the run that decides whether something lands. */
function whyNot([file = '']: readonly string[]): string | false {
  if (!file.endsWith('.py') || hasPythonSdk() || process.env.CI) return false
  return 'python3 with pip and a registry are needed'
}

/** The issue of the exception and that of the message with their only event, after a look for secrets. */
async function readBoth(t: Test, collector: RunningCollector) {
  const issues = (await collector.issues()).sort((one, other) => other.type.length - one.type.length)
  t.equal(issues.length, 2, 'one issue each')
  const both: { issue: Issue; event: ReadEvent }[] = []
  for (const issue of issues) {
    const [event, ...others] = await collector.eventsOf(issue.id)
    if (event === undefined) throw new Error(`${issue.shortId} has no event.`)
    t.equal(others.length, 0)
    t.match(event, { release: RELEASE, environment: ENVIRONMENT, user: { id: '7', email: EMAIL } })
    const { user: _, ...rest } = event
    const text = JSON.stringify([issue, rest])
    t.strictSame(
      [...SECRETS, EMAIL, collector.publicKey].filter((secret) => text.includes(secret)),
      [],
      'no secret is kept',
    )
    both.push({ issue, event })
  }
  return both as [(typeof both)[number], (typeof both)[number]]
}

/** As Chrome writes it. */
function inPage(head: string, name: string): string {
  return `${head}\n    at ${name} (https://shop.example/assets/shop.js:10:15)\n    at https://shop.example/assets/shop.js:40:3`
}
