import type { Dice } from './dice.ts'
import { BodyMaker, DOORS, type Door, type MadeBody } from './hostile-bodies.ts'
import { hostileQuery } from './hostile-queries.ts'

/** One request as it goes over the wire. */
export interface RawRequest {
  bytes: Buffer
  /** What it is, for the report. */
  kind: string
  /** One that is not all there gets no answer; the client goes away. */
  isWhole: boolean
  /** Whether another one may follow on the same connection. */
  isHonest: boolean
}

export interface Access {
  projectId: number
  publicKey: string
  token: string
}

const METHODS = ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'FOO', 'post', '']
const HEADERS = [
  'x-sentry-auth: Sentry sentry_key=, sentry_key=,,,=',
  `x-sentry-auth: Sentry ${'sentry_version=7,'.repeat(400)}`,
  'authorization: Basic %%%',
  'authorization: Basic Og==',
  'authorization: Bearer',
  'x-forwarded-for: 1.2.3.4, <script>, 999.999.999.999',
  `x-forwarded-for: ${'1.1.1.1,'.repeat(500)}`,
  'content-type: application/json; charset=utf-16',
  'content-type: multipart/form-data',
  'content-type: ; ; ;',
  `accept: ${'*/*;q=0.1,'.repeat(300)}`,
  `accept-language: ${'x-'.repeat(2000)}`,
  `traceparent: 00-${'f'.repeat(32)}-0000-zz`,
  `user-agent: \u00ff\u00fe${'m'.repeat(4000)}`,
  `cookie: ${'a=b;'.repeat(2000)}`,
  'expect: 100-continue',
  'expect: something else',
  'origin: null',
  '__proto__: x',
  'constructor: x',
  `x-huge: ${'h'.repeat(20_000)}`,
  'bad header',
  ': no name',
  'x-nul: a\u0000b',
  'x-fold: a\r\n b',
  'upgrade: websocket\r\nconnection: upgrade',
  'connection: close',
  'if-none-match: *',
  'range: bytes=0-1,5-2',
]

/** Makes requests to all addresses of a collector. */
export class RequestMaker {
  readonly #dice: Dice
  readonly #bodies: BodyMaker
  readonly #access: Access

  constructor(dice: Dice, access: Access) {
    this.#dice = dice
    this.#bodies = new BodyMaker(dice)
    this.#access = access
  }

  next(): RawRequest {
    const dice = this.#dice
    if (dice.isOneIn(5)) return this.#question()
    const door = dice.pick(DOORS)
    const lines = [...this.#headers(), ...this.#oddHeaders()]
    const method = dice.isOneIn(40) ? dice.pick(METHODS) : 'POST'
    const head = `${method} ${this.#address(door)} HTTP/${dice.isOneIn(300) ? dice.pick(['1.0', '2.0', '9.9']) : '1.1'}\r\nhost: x\r\n`
    return this.#framed({ kind: door, head, lines, body: this.#bodies.body(door), isOdd: method !== 'POST' })
  }

  #question(): RawRequest {
    const { method, url } = hostileQuery(this.#dice)
    const token = this.#dice.isOneIn(30) ? 'flt_wrong' : this.#access.token
    const lines = [`authorization: Bearer ${token}`, ...this.#oddHeaders()]
    const head = `${method} ${url} HTTP/1.1\r\nhost: x\r\n`
    return {
      kind: 'api',
      bytes: Buffer.from(`${head}${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
      isWhole: true,
      isHonest: lines.length === 1,
    }
  }

  #address(door: Door): string {
    const dice = this.#dice
    const { projectId, publicKey } = this.#access
    const project = dice.isOneIn(40)
      ? dice.pick(['0', '2', '-1', '01', '1e0', '99999999999999999999', '%00', '../1', 'x'])
      : String(projectId)
    const prefix = dice.isOneIn(40)
      ? dice.pick(['/errors', '//', '/api/api', '/%2e%2e', `/${'p'.repeat(3000)}`])
      : ''
    const query = dice.pick([
      '',
      '',
      `?sentry_key=${publicKey}`,
      '?sentry_key=',
      '?sentry_key=%',
      `?${'a=b&'.repeat(300)}`,
      '?__proto__[x]=1',
      '?%ff%fe',
      '?sentry_key=a&sentry_key=b',
    ])
    return `${prefix}/api/${project}/${door}${dice.isOneIn(40) ? '//' : dice.pick(['', '/'])}${query}`
  }

  #headers(): string[] {
    const dice = this.#dice
    const key = dice.isOneIn(40)
      ? dice.pick(['', 'x', 'f'.repeat(32), 'k'.repeat(5000), "' OR 1=1"])
      : this.#access.publicKey
    return [
      dice.pick([
        `authorization: Bearer ${key}`,
        `x-sentry-auth: Sentry sentry_version=7, sentry_key=${key}`,
      ]),
    ]
  }

  #oddHeaders(): string[] {
    const dice = this.#dice
    if (!dice.isOneIn(8)) return []
    const lines = Array.from({ length: 1 + dice.below(3) }, () => dice.pick(HEADERS))
    return dice.isOneIn(10) ? [...lines, ...Array.from({ length: 2500 }, (_, at) => `x-${at}: ${at}`)] : lines
  }

  /** How its length is told: mostly as it is. */
  #framed({
    kind,
    head,
    lines,
    body,
    isOdd,
  }: {
    kind: string
    head: string
    lines: string[]
    body: MadeBody
    isOdd: boolean
  }): RawRequest {
    const dice = this.#dice
    const { bytes, encoding } = body
    const named = encoding === undefined ? lines : [...lines, `content-encoding: ${encoding}`]
    const made = (framing: readonly string[], sent: Buffer, is: Partial<RawRequest> = {}): RawRequest => ({
      kind,
      bytes: Buffer.concat([
        Buffer.from(`${head}${[...named, ...framing].join('\r\n')}\r\n\r\n`, 'latin1'),
        sent,
      ]),
      isWhole: true,
      isHonest: false,
      ...is,
    })
    switch (dice.below(24)) {
      case 0:
        return made([`content-length: ${bytes.length + 1 + dice.below(5000)}`], bytes, { isWhole: false })
      case 1:
        return made([`content-length: ${dice.below(bytes.length + 1)}`], bytes)
      case 2:
        return made(
          [`content-length: ${dice.pick(['-1', 'x', '1e3', '0x10', '99999999999999999999', '', '4, 5'])}`],
          bytes,
          { isWhole: false },
        )
      case 3:
        return made([`content-length: ${bytes.length}`, `content-length: ${bytes.length + 1}`], bytes)
      case 4:
        return made(['transfer-encoding: chunked'], chunked(bytes, dice))
      case 5:
        return made(
          ['transfer-encoding: chunked'],
          chunked(bytes, dice).subarray(0, -1 - dice.below(bytes.length + 5)),
          { isWhole: false },
        )
      case 6:
        return made(
          ['transfer-encoding: chunked'],
          Buffer.from(dice.pick(['zz\r\nabc', '-1\r\n', 'ffffffffffffffff\r\n', '5\r\nabc\r\n0\r\n\r\n'])),
          { isWhole: false },
        )
      case 7:
        return made(['transfer-encoding: chunked', `content-length: ${bytes.length}`], chunked(bytes, dice))
      case 8:
        return made([], bytes)
      default:
        return made([`content-length: ${bytes.length}`], bytes, { isHonest: !isOdd && lines.length === 1 })
    }
  }
}

function chunked(bytes: Buffer, dice: Dice): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const chunk = bytes.subarray(at, at + 1 + dice.below(4000))
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
    at += chunk.length
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}
