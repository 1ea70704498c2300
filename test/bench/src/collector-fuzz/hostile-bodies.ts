import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { createEventMaker, type EventMaker } from '../collector/event-maker.ts'
import type { Dice } from './dice.ts'
import { hostileValue, spoiledJson } from './hostile-json.ts'

/** The addresses that take bodies. */
export const DOORS = ['events', 'envelope', 'store', 'security'] as const
export type Door = (typeof DOORS)[number]

/** A body as it is sent, and the encoding that its header names. */
export interface MadeBody {
  bytes: Buffer
  encoding?: string
}

const ITEM_TYPES = [
  'event',
  'event',
  'event',
  'transaction',
  'session',
  'sessions',
  'attachment',
  'client_report',
  'user_report',
  'feedback',
  'statsd',
  'log',
  'check_in',
  'span',
  'replay_event',
  'profile',
  'nonsense',
  '',
  '__proto__',
] as const
const minute = { service: 's', environment: 'e', route: '/a', status: '2xx', count: 3 }
const MIB = 1_048_576

const cspReport = {
  'csp-report': {
    'document-uri': 'https://shop.example/cart',
    'violated-directive': "script-src 'self'",
    'blocked-uri': 'https://evil.example/x.js',
    'original-policy': "default-src 'self'",
    'line-number': 12,
    'status-code': 200,
  },
}

/** Makes bodies that are nearly right. */
export class BodyMaker {
  readonly #dice: Dice
  readonly #events: EventMaker

  constructor(dice: Dice) {
    this.#dice = dice
    this.#events = createEventMaker(dice.below(1e9))
  }

  body(door: Door): MadeBody {
    const dice = this.#dice
    const whole = dice.isOneIn(60) ? this.#rubbish() : this.#text(door)
    const bytes = dice.isOneIn(5) ? this.#mutated(whole) : whole
    return this.#packed(bytes)
  }

  #text(door: Door): Buffer {
    if (door === 'envelope') return this.#envelope()
    const json = this.#json(door)
    const dice = this.#dice
    if (door !== 'store' || !dice.isOneIn(4)) return Buffer.from(json)
    const packed = dice.isOneIn(2) ? deflateSync(json) : Buffer.from(json)
    return Buffer.from(packed.toString('base64'))
  }

  #json(door: Door): string {
    const value = this.#value(door)
    return this.#dice.isOneIn(6) ? JSON.stringify(value) : spoiledJson(value, this.#dice)
  }

  #value(door: Door): object {
    const dice = this.#dice
    const now = Date.now()
    if (door === 'events') return this.#batch(now)
    if (door !== 'security') return this.#events.sentryEvent(now)
    return dice.isOneIn(3)
      ? [
          {
            type: 'csp-violation',
            age: 1,
            url: 'https://shop.example/',
            body: { effectiveDirective: 'img-src', blockedURL: 'inline' },
          },
        ]
      : cspReport
  }

  #batch(now: number): object {
    const dice = this.#dice
    const events = Array.from({ length: 1 + dice.below(3) }, () => this.#events.event(now))
    const at = new Date(now).toISOString()
    return {
      id: dice.uuid(),
      events,
      ...(dice.isOneIn(4) && { repeats: [{ eventId: events[0]?.id, count: 1 + dice.below(5), until: at }] }),
      ...(dice.isOneIn(4) && { dropped: [{ reason: 'queue_overflow', count: 1 + dice.below(9) }] }),
      ...(dice.isOneIn(4) && { requests: [{ ...minute, minute: at }] }),
    }
  }

  #envelope(): Buffer {
    const dice = this.#dice
    const id = dice.hex(32)
    const header = dice.isOneIn(4)
      ? hostileValue(dice)
      : dice.isOneIn(4)
        ? '{}'
        : spoiledOr({ event_id: id, sent_at: new Date().toISOString() }, dice)
    const parts: Buffer[] = [Buffer.from(`${header}\n`)]
    const items = dice.isOneIn(50) ? 300 : dice.below(4)
    for (let item = 0; item < items; item++) parts.push(this.#item(id))
    return Buffer.concat(parts)
  }

  #item(eventId: string): Buffer {
    const dice = this.#dice
    const type = dice.pick(ITEM_TYPES)
    const value =
      type === 'event' || type === 'transaction'
        ? this.#events.sentryEvent(Date.now())
        : {
            event_id: eventId,
            timestamp: 1,
            discarded_events: [{ reason: 'x', category: 'error', quantity: 2 }],
            name: 'A',
            comments: 'b',
          }
    const payload = Buffer.from(spoiledOr(value, dice))
    const length = dice.isOneIn(3)
      ? {}
      : { length: dice.isOneIn(6) ? dice.pick([-1, 1e15, 0, payload.length + 1, 1.5]) : payload.length }
    const head = spoiledOr({ type, ...length, ...(type === 'attachment' && { filename: 'a.txt' }) }, dice, 12)
    return Buffer.concat([
      Buffer.from(`${head}\n`),
      payload,
      Buffer.from(dice.pick(['\n', '\n', '\r\n', '', '\n\n'])),
    ])
  }

  #rubbish(): Buffer {
    const dice = this.#dice
    const length = dice.pick([0, 1, 2, 17, 1000, 65_536])
    return dice.isOneIn(2)
      ? Buffer.from(hostileValue(dice))
      : Buffer.from(Array.from({ length }, () => dice.below(256)))
  }

  #mutated(bytes: Buffer): Buffer {
    const dice = this.#dice
    const copy: Buffer = Buffer.from(bytes)
    const changes = 1 + dice.below(8)
    for (let change = 0; change < changes && copy.length > 0; change++)
      copy[dice.below(copy.length)] = dice.below(256)
    if (dice.isOneIn(4)) return copy.subarray(0, dice.below(copy.length + 1))
    if (dice.isOneIn(8)) return Buffer.concat([copy, copy.subarray(dice.below(copy.length + 1))])
    return copy
  }

  /** Mostly by the rules; cut off, wrongly named, packed twice, or a bomb. */
  #packed(bytes: Buffer): MadeBody {
    const dice = this.#dice
    switch (dice.below(16)) {
      case 0:
        return { bytes: gzipSync(bytes), encoding: 'gzip' }
      case 1:
        return { bytes: this.#mutated(gzipSync(bytes)), encoding: 'gzip' }
      case 2:
        return { bytes: deflateSync(bytes), encoding: 'deflate' }
      case 3:
        return { bytes: deflateRawSync(bytes), encoding: 'deflate' }
      case 4:
        return { bytes: brotliCompressSync(bytes, { params: { 1: 1 } }), encoding: 'br' }
      case 5:
        return { bytes: zstdCompressSync(bytes), encoding: dice.pick(['zstd', 'gzip', 'ZSTD']) }
      case 6:
        return { bytes: gzipSync(gzipSync(bytes)), encoding: dice.pick(['gzip', 'gzip, gzip']) }
      case 7:
        return {
          bytes,
          encoding: dice.pick([
            'gzip',
            'br',
            'zstd',
            'deflate',
            '',
            'utf-8',
            'identity',
            'compress',
            'gzip;q=1',
            'x'.repeat(900),
          ]),
        }
      case 8:
        return dice.isOneIn(60)
          ? { bytes: gzipSync(Buffer.alloc(40 * MIB, 0x20)), encoding: 'gzip' }
          : { bytes }
      default:
        return { bytes }
    }
  }
}

function spoiledOr(value: object, dice: Dice, spoiledOneIn = 2): string {
  return dice.isOneIn(spoiledOneIn) ? spoiledJson(value, dice) : JSON.stringify(value)
}
