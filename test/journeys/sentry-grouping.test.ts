// Which events are one issue: pairs that differ in what does not matter, or in what does, through HTTP in both protocols; and the same
// error as different engines and versions of a client tell it.
import { randomUUID } from 'node:crypto'
import { BrowserClient, defaultStackParser, makeFetchTransport, Scope } from '@sentry/browser'
import t from 'tap'
import { seededRandom } from '../../packages/core/test/seeded-random.js'
import { runClient } from './client-programs.js'
import { type Incident, nativeEvent, type Place, sentryEnvelope } from './incident.js'
import { runCollector } from './running-collector.js'

type Random = (below: number) => number
type Change = (incident: Incident, random: Random) => Incident

const ROUNDS = 60

t.setTimeout(120_000)

const HARMLESS: Record<string, Change> = {
  'line numbers': (incident, random) => mapPlaces(incident, (place) => ({ ...place, line: 1 + random(500) })),
  release: (incident, random) => ({ ...incident, release: `shop@2.${random(99)}.0` }),
  host: (incident, random) => ({ ...incident, host: `web-${random(99)}` }),
  'path prefix': (incident, random) =>
    withFiles(incident, (file) => file.replace('/srv/shop/', `/app/releases/${20260000 + random(999)}/`)),
  'ids in the message': (incident, random) =>
    withMessages(incident, (message) => message.replace('12345', String(random(99999)))),
  'a uuid in the message': (incident) =>
    withMessages(incident, (message) => message.replace(/[\da-f-]{36}/, randomUUID())),
  'the hash of a bundle': (incident, random) =>
    withFiles(incident, (file) => file.replace('-BxQ3kZ1a', `-C9fGhQ${random(9)}x`)),
  'the query of a file': (incident, random) =>
    withFiles(incident, (file) => file.replace('?v=1', `?v=${random(99)}`)),
  'the version of a package': (incident, random) =>
    withFiles(incident, (file) => file.replace('fastify@5.1.0', `fastify@5.${random(9)}.7_abc`)),
  'frames of the runtime': (incident) => ({
    ...incident,
    chain: incident.chain.map((one) => ({ ...one, places: [...one.places, runtime] })),
  }),
}

const TELLING: Record<string, Change> = {
  'the innermost function of the service': (incident) => {
    // without any frame of the service, all count
    const at = Math.max(0, incident.chain[0]?.places.findIndex(({ isInApp }) => isInApp) ?? 0)
    return mapThrown(incident, (one) => ({
      ...one,
      places: one.places.map((place, index) => (index === at ? { ...place, name: 'elsewhere' } : place)),
    }))
  },
  'the class of what was thrown': (incident) =>
    mapThrown(incident, (one) => ({ ...one, type: `Other${one.type}` })),
}

const CHROME = [
  "TypeError: Cannot read properties of undefined (reading 'price')",
  '    at totalOf (https://shop.example/assets/shop-BxQ3kZ1a.js:3:21)',
  '    at https://shop.example/assets/shop-BxQ3kZ1a.js:9:14',
  '    at Array.map (<anonymous>)',
  '    at Basket.#prices (https://shop.example/assets/shop-BxQ3kZ1a.js:9:8)',
  '    at new Basket (https://shop.example/assets/shop-BxQ3kZ1a.js:5:10)',
  '    at Object.checkout [as onClick] (https://shop.example/assets/shop-BxQ3kZ1a.js:20:3)',
  '    at HTMLButtonElement.<anonymous> (https://shop.example/assets/shop-BxQ3kZ1a.js:30:5)',
  '    at HTMLButtonElement.sentryWrapped (https://shop.example/assets/sentry-DkQ1mZ8b.js:1:900)',
]

/** One error in one minified page, as each engine writes its stack. */
const BROWSERS = {
  Chrome: { message: "Cannot read properties of undefined (reading 'price')", stack: CHROME },
  Edge: {
    message: "Cannot read properties of undefined (reading 'price')",
    stack: CHROME.map((line) => line.replace('BxQ3kZ1a', 'Cu7_x2Pq')),
  },
  Firefox: {
    message: 'can\'t access property "price", item is undefined',
    stack: [
      'totalOf@https://shop.example/assets/shop-BxQ3kZ1a.js:3:16',
      '#prices/<@https://shop.example/assets/shop-BxQ3kZ1a.js:9:14',
      '#prices@https://shop.example/assets/shop-BxQ3kZ1a.js:9:8',
      'Basket@https://shop.example/assets/shop-BxQ3kZ1a.js:5:10',
      'checkout@https://shop.example/assets/shop-BxQ3kZ1a.js:20:3',
      'start/<@https://shop.example/assets/shop-BxQ3kZ1a.js:30:5',
      'sentryWrapped@https://shop.example/assets/sentry-DkQ1mZ8b.js:1:900',
      '',
    ],
  },
  Safari: {
    message: "undefined is not an object (evaluating 'item.price')",
    stack: [
      'totalOf@https://shop.example/assets/shop-BxQ3kZ1a.js:3:21',
      '@https://shop.example/assets/shop-BxQ3kZ1a.js:9:21',
      'map@[native code]',
      '#prices@https://shop.example/assets/shop-BxQ3kZ1a.js:9:11',
      'Basket@https://shop.example/assets/shop-BxQ3kZ1a.js:5:22',
      'checkout@https://shop.example/assets/shop-BxQ3kZ1a.js:20:13',
      '@https://shop.example/assets/shop-BxQ3kZ1a.js:30:13',
      'sentryWrapped@https://shop.example/assets/sentry-DkQ1mZ8b.js:1:905',
    ],
  },
}

const runtime: Place = {
  name: 'processTicksAndRejections',
  file: 'node:internal/process/task_queues',
  line: 95,
  isInApp: false,
  code: undefined,
}

for (const [protocol, send] of Object.entries({
  'our protocol': sendNative,
  "Sentry's protocol": sendEnvelope,
}))
  t.test(`${protocol}: what matters splits, and nothing else does`, async (t) => {
    const { random, seed } = seededRandom()
    const collector = await runCollector(t, { config: { rateLimit: 'off' } })
    const intake = { url: `${collector.url}/api/${collector.projectId}`, key: collector.publicKey }
    const pairs: Pair[] = []
    const pair = (name: string, one: Incident, other: Incident, isSame: boolean) =>
      pairs.push({
        name,
        isSame,
        one: { id: randomUUID(), incident: one },
        other: { id: randomUUID(), incident: other },
      })

    for (const [name, change] of Object.entries(HARMLESS)) {
      for (const isInBrowser of [true, false]) {
        const one = incidentOf(`${pairs.length}`, random, isInBrowser)
        pair(name, one, change(one, random), true)
      }
    }
    for (let round = 0; round < ROUNDS; round++) {
      const one = incidentOf(`${pairs.length}`, random, random(2) === 0)
      const some = Object.entries(HARMLESS).filter(() => random(3) === 0)
      const same = some.reduce((current, [, change]) => change(current, random), one)
      const [what, split] = Object.entries(TELLING)[round % 2] as [string, Change]
      const names = some.map(([name]) => name).join(', ')
      pair(names, one, same, true)
      pair(`${names}, and ${what}`, one, split(same, random), false)
    }
    await send(
      pairs.flatMap(({ one, other }) => [one, other]),
      intake,
    )

    const issueOf = new Map<string, string>()
    for (const { id } of pairs.flatMap(({ one, other }) => [one, other]))
      issueOf.set(id, (await collector.event(id)).issueId)
    const wrong = pairs.filter(
      ({ one, other, isSame }) => (issueOf.get(one.id) === issueOf.get(other.id)) !== isSame,
    )
    t.strictSame(
      wrong.map(({ name, isSame }) => `${name}: ${isSame ? 'two issues' : 'one issue'}`),
      [],
      `${pairs.length} pairs, seed ${seed}`,
    )
  })

t.test('the same error in every browser is one issue', async (t) => {
  const collector = await runCollector(t)
  const client = new BrowserClient({
    dsn: collector.dsn,
    transport: makeFetchTransport,
    stackParser: defaultStackParser,
    integrations: [],
  })
  const scope = new Scope()
  scope.setClient(client)
  client.init()
  for (const [browser, { message, stack }] of Object.entries(BROWSERS)) {
    scope.setTag('engine', browser)
    scope.captureException(Object.assign(new TypeError(message), { stack: stack.join('\n') }))
  }
  t.ok(await client.close(10_000))
  const issues = await collector.issues()
  t.match(issues, [{ count: 4, type: 'TypeError', culprit: /^totalOf \(/ }])
  if (issues.length !== 1)
    for (const { id } of issues) t.comment(JSON.stringify(await collector.ask(`/api/v1/issues/${id}`)))
  t.equal(issues.length, 1)
})

t.test('the same error of two majors of a client is one issue', async (t) => {
  const collector = await runCollector(t)
  for (const major of ['7', '11']) await runClient(['shop.mjs', major], { SENTRY_DSN: collector.dsn })
  const issues = await collector.issues()
  t.strictSame(
    issues.map(({ type, count }) => ({ type, count })).sort((one) => (one.type ? -1 : 1)),
    [
      { type: 'Error', count: 2 },
      { type: '', count: 2 },
    ],
  )
})

interface Sent {
  id: string
  incident: Incident
}

interface Pair {
  name: string
  one: Sent
  other: Sent
  isSame: boolean
}

interface Intake {
  url: string
  key: string
}

async function sendNative(sent: Sent[], { url, key }: Intake): Promise<void> {
  await post(
    `${url}/events`,
    { authorization: `Bearer ${key}` },
    {
      id: randomUUID(),
      events: sent.map(({ id, incident }) => nativeEvent(id, incident)),
    },
  )
}

async function sendEnvelope(sent: Sent[], { url, key }: Intake): Promise<void> {
  for (const { id, incident } of sent)
    await post(`${url}/envelope/?sentry_key=${key}`, {}, sentryEnvelope(id, incident))
}

async function post(url: string, headers: Record<string, string>, body: string | object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  await response.arrayBuffer()
}

/** An error of its own class, so that it is nobody else's issue. */
function incidentOf(name: string, random: Random, isInBrowser: boolean): Incident {
  const libraryOnly = random(5) === 0
  const files = isInBrowser ? BROWSER_FILES : libraryOnly ? LIBRARY_FILES : [...NODE_FILES, ...LIBRARY_FILES]
  const exception = (type: string) => ({
    type: `${type}${name}Error`,
    message: 'Order 12345 of 0199f3c2-7d1e-7a11-8a11-3f2a9c1b7d1e failed',
    places: Array.from({ length: 1 + random(5) }, (_, at) => placeOf(`step${at}`, files, random)),
  })
  const thrown = exception('Case')
  if (!libraryOnly)
    thrown.places.splice(random(thrown.places.length), 0, placeOf('own', [files[0] ?? ''], random))
  const causes = Array.from({ length: random(3) }, (_, at) => exception(`Cause${at}Of`))
  return {
    chain: [thrown, ...causes],
    platform: isInBrowser ? 'javascript' : 'node',
    release: 'shop@1.0.0',
    host: 'web-1',
  }
}

function placeOf(name: string, files: readonly string[], random: Random): Place {
  const file = files[random(files.length)] ?? ''
  return {
    name: random(6) === 0 ? undefined : name,
    file,
    line: 1 + random(500),
    isInApp: !file.includes('node_modules'),
    code: file.startsWith('/') && random(2) === 0 ? `  return next(${name})` : undefined,
  }
}

const NODE_FILES = ['/srv/shop/src/orders.js', '/srv/shop/src/basket/total.ts']
const LIBRARY_FILES = [
  '/srv/shop/node_modules/.pnpm/fastify@5.1.0/node_modules/fastify/lib/route.js',
  '/srv/shop/node_modules/.pnpm/fastify@5.1.0/node_modules/fastify/lib/hooks.js',
]
const BROWSER_FILES = [
  'https://shop.example/assets/index-BxQ3kZ1a.js',
  'https://shop.example/assets/vendor.js?v=1',
  'https://shop.example/basket.js?v=1',
]

function mapThrown(
  incident: Incident,
  change: (one: Incident['chain'][number]) => Incident['chain'][number],
): Incident {
  return { ...incident, chain: incident.chain.map((one, at) => (at === 0 ? change(one) : one)) }
}

function mapPlaces(incident: Incident, change: (place: Place) => Place): Incident {
  return { ...incident, chain: incident.chain.map((one) => ({ ...one, places: one.places.map(change) })) }
}

function withFiles(incident: Incident, change: (file: string) => string): Incident {
  return mapPlaces(incident, (place) => ({ ...place, file: change(place.file) }))
}

function withMessages(incident: Incident, change: (message: string) => string): Incident {
  return { ...incident, chain: incident.chain.map((one) => ({ ...one, message: change(one.message) })) }
}
