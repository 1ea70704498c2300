// Events as a shop's services make them: 3.8 KB of JSON with 20 frames, 2 000 kinds of which a few are frequent.
import { randomUUID } from 'node:crypto'
import { newEventId } from '@faultline/core/adapter'
import type { ErrorEvent } from '@faultline/protocol'

type Frame = ErrorEvent['exceptions'][number]['frames'][number]

const KINDS = 2000
const PEOPLE = 20_000
/** One event in so many was spooled, or its client was offline: it is up to 13 days old. */
const LATE_ONE_IN = 20
const LATE_MS = 13 * 86_400_000
const areas = ['orders', 'payments', 'stock', 'search', 'accounts', 'shipping', 'coupons', 'reviews']
const verbs = ['place', 'load', 'refund', 'reserve', 'find', 'merge', 'notify', 'price']
const types = ['TypeError', 'RangeError', 'TimeoutError', 'DatabaseError', 'UpstreamError']
const regions = ['eu-west', 'eu-north', 'us-east', 'us-west', 'ap-south']
const plans = ['free', 'team', 'business']

/** What makes the same events from the same seed, but for their ids. */
export interface EventMaker {
  event(now: number): ErrorEvent
  sentryEvent(now: number): Record<string, unknown>
}

export function createEventMaker(seed: number): EventMaker {
  const random = mulberry32(seed)
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
  // Half of all events are of the first few dozen kinds.
  const kind = () => Math.floor(random() ** 4 * KINDS)

  const ageMs = () => (random() * LATE_ONE_IN < 1 ? random() ** 3 * LATE_MS : random() * 1000)

  const event = (now: number, id: string = newEventId()): ErrorEvent => {
    const at = kind()
    const area = areas[at % areas.length] as string
    const order = Math.floor(random() * 1e6)
    const traceId = randomUUID().replaceAll('-', '')
    return {
      id,
      occurredAt: new Date(now - ageMs()).toISOString(),
      level: 'error',
      handled: false,
      mechanism: 'http',
      platform: 'node',
      service: `${area}-service`,
      environment: at % 9 === 0 ? 'staging' : 'production',
      release: `1.${at % 7}.${order % 3}`,
      host: { name: `${area}-${order % 4}` },
      runtime: { name: 'node', version: '24.21.0' },
      exceptions: [
        {
          type: types[at % types.length] as string,
          message: `Cannot ${verbs[at % verbs.length]} order ${order} of ${area}: attempt ${order % 5} failed`,
          frames: framesOf(at),
        },
      ],
      problem: {
        type: 'about:blank',
        title: 'Internal Server Error',
        status: 500,
        instance: `urn:uuid:${id}`,
      },
      request: {
        id: id.slice(0, 8),
        method: 'POST',
        route: `/${area}/:id`,
        url: `/${area}/${order}`,
        headers: { accept: 'application/json', 'user-agent': 'shop-app/7.1 (iPhone; iOS 19.2)' },
        status: 500,
        durationMs: Math.floor(random() * 900),
      },
      user: { id: String(Math.floor(random() * PEOPLE)) },
      trace: { traceId, spanId: traceId.slice(0, 16) },
      tags: { region: pick(regions), plan: pick(plans), canary: String(order % 10 === 0) },
      sdk: { name: '@faultline/node', version: '0.1.0' },
    }
  }
  // Our ids are in the order of time, those of Sentry's SDKs are not.
  return { event, sentryEvent: (now) => asSentry(event(now, randomUUID())) }
}

function framesOf(kind: number): Frame[] {
  const area = areas[kind % areas.length] as string
  return Array.from({ length: 20 }, (_, at): Frame => {
    const inApp = at < 7
    const name = `${verbs[(kind + at) % verbs.length]}${at === 0 ? kind : ''}${area}`
    return {
      function: name,
      file: inApp ? `src/${area}/${name}.js` : `node_modules/framework/lib/handlers/step-${at}.js`,
      line: 10 + ((kind * 7 + at * 13) % 300),
      column: 5 + (at % 40),
      ...(inApp ? {} : { module: 'framework' }),
      inApp,
      ...(at < 2 && { context: contextOf(name) }),
    }
  })
}

function contextOf(name: string): NonNullable<Frame['context']> {
  return {
    before: ['  const found = await rows.one(sql)'],
    line: `  return ${name}(found.items, { retries: 2 })`,
    after: ['}'],
  }
}

function asSentry(event: ErrorEvent): Record<string, unknown> {
  const exception = event.exceptions[0] as ErrorEvent['exceptions'][number]
  const frames = exception.frames
    .toReversed()
    .map(({ function: name, file, line, column, inApp, context }) => ({
      function: name,
      filename: file,
      lineno: line,
      colno: column,
      in_app: inApp,
      ...(context && {
        pre_context: context.before,
        context_line: context.line,
        post_context: context.after,
      }),
    }))
  return {
    event_id: event.id.replaceAll('-', ''),
    timestamp: Date.parse(event.occurredAt) / 1000,
    platform: 'node',
    level: 'error',
    environment: event.environment,
    release: event.release,
    server_name: event.host?.name,
    exception: {
      values: [
        {
          type: exception.type,
          value: exception.message,
          stacktrace: { frames },
          mechanism: { type: 'generic', handled: false },
        },
      ],
    },
    request: {
      url: `http://shop.example${event.request?.url}`,
      method: 'POST',
      headers: event.request?.headers,
    },
    user: event.user,
    tags: event.tags,
    contexts: { trace: { trace_id: event.trace?.traceId, span_id: event.trace?.spanId } },
    sdk: { name: 'sentry.javascript.node', version: '11.12.0' },
  }
}

function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
