import { ProblemError } from '@faultline/core'
import type { FastifyRequest } from 'fastify'
import type { BodyFormat, Encoding, IntakeProtocol, NewBody, Queue } from '../queue/queue.js'
import { QueueFull } from '../queue/queue.js'
import { BodyReader, discardRest } from './body-reader.js'
import { type FindKey, keyOf, projectOf } from './check-key.js'
import type { CheckBody, CheckedBody } from './checked-body.js'
import { intakeErrors } from './errors.js'
import { type Pressure, refusalNow } from './limits.js'
import { keyInEnvelope, knownEncoding, openBody } from './open-body.js'
import { RateLimit } from './rate-limit.js'
import { outcomeOf } from './refusal-outcome.js'
import { Tally } from './tally.js'

/** What a kind of address takes. */
export interface Door {
  protocol: IntakeProtocol
  format: BodyFormat
  checkBody: CheckBody
}

/** A request that was refused; for metrics. */
export interface RefusedRequest {
  protocol: IntakeProtocol
  status: number
  /** Name of the problem: `RateLimited`. */
  reason: string
  /** Without a valid key nobody knows. */
  projectId?: number
}

export interface IntakeOptions {
  queue: Queue
  findKey: FindKey
  /** Asked before each body: why none can be taken just now. */
  pressure(): Pressure | undefined
  /** Events a minute and project. */
  rateLimit: number | 'off'
  /** Of one body, as it was sent and unpacked. */
  bodyLimitBytes: number
  /** Of all bodies that are being received at once. Default: 64 MiB, or two of the largest bodies. */
  heldLimitBytes?: number
  /** A new UUID. */
  newId(): string
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds; only differences count. It never goes back, as `now` may. */
  clock(): number
  onRefused?(refused: RefusedRequest): void
}

const LEAST_HELD_LIMIT_BYTES = 67_108_864
/** What may hold client reports alone is looked at even when nothing is taken: they are a few hundred bytes. */
const SMALL_BYTES = 16_384
const FULL_QUEUE_SECONDS = 10
const MAX_USER_AGENT_LENGTH = 512

/** receive → authenticate → limit → decode → validate → queue; what is returned is durable. */
export class Intake {
  readonly tally: Tally
  readonly #options: IntakeOptions
  readonly #rateLimit: RateLimit
  readonly #reader: BodyReader

  constructor(options: IntakeOptions) {
    const heldLimitBytes = Math.max(LEAST_HELD_LIMIT_BYTES, 2 * options.bodyLimitBytes)
    this.#options = options
    this.#rateLimit = new RateLimit(options.rateLimit)
    this.#reader = new BodyReader(options.heldLimitBytes ?? heldLimitBytes)
    this.tally = new Tally(options.queue)
  }

  /**
   * Takes the body of a request.
   * @throws a problem of `intakeErrors`, or ClientGone
   */
  async take(request: FastifyRequest, door: Door): Promise<CheckedBody> {
    const visit: Visit = { request, door, now: this.#options.now() }
    try {
      return await this.#take(visit)
    } catch (error) {
      discardRest(request.raw)
      this.#count(error, visit)
      throw error
    }
  }

  async #take(visit: Visit): Promise<CheckedBody> {
    const { request, door } = visit
    const key = keyOf(request)
    if (key !== undefined) await this.#admit(visit, key)
    // sentry-ruby has its key in the envelope alone
    else if (door.format !== 'envelope') throw new intakeErrors.KeyMissing()

    const encoding = knownEncoding(request.headers['content-encoding'])
    const bytes = await this.#receive(visit)
    try {
      if (visit.projectId === undefined) await this.#admit(visit, await keyInEnvelope(bytes, encoding))
      const checked = this.#check(visit, encoding, bytes)
      if (visit.refusal !== undefined && !checked.isExempt) throw visit.refusal
      if (!checked.isEmpty) await this.#append(visit, checked, { encoding, bytes })
      return checked
    } finally {
      this.#reader.release(bytes)
    }
  }

  /** What the project would be refused with is thrown at once, unless the body could be one that is never refused. */
  async #admit(visit: Visit, key: string): Promise<void> {
    const { request, door } = visit
    const { findKey, pressure, clock } = this.#options
    visit.projectId = await projectOf(key, (request.params as { project?: string }).project, findKey)
    visit.refusal = refusalNow(visit.projectId, {
      pressure: pressure(),
      rateLimit: this.#rateLimit,
      clockMs: clock(),
    })
    if (visit.refusal !== undefined && door.format !== 'envelope') throw visit.refusal
  }

  async #receive(visit: Visit): Promise<Buffer> {
    const limitBytes = this.#limitBytes(visit)
    const bytes = await this.#reader.read(visit.request.raw, limitBytes)
    if (bytes === undefined) throw visit.refusal ?? new intakeErrors.BodyTooLarge({ limitBytes })
    return bytes
  }

  #check(visit: Visit, encoding: Encoding, bytes: Buffer): CheckedBody {
    const limitBytes = this.#limitBytes(visit)
    try {
      const { newId } = this.#options
      return visit.door.checkBody(openBody(bytes, encoding, limitBytes), { limitBytes, newId })
    } catch (error) {
      throw intakeErrors.BodyTooLarge.is(error) ? (visit.refusal ?? error) : error
    }
  }

  #limitBytes({ refusal }: Visit): number {
    const { bodyLimitBytes } = this.#options
    return refusal === undefined ? bodyLimitBytes : Math.min(SMALL_BYTES, bodyLimitBytes)
  }

  async #append(
    { request, door, now, projectId = 0 }: Visit,
    { eventCount, charge, eventId, rejected }: CheckedBody,
    packed: Pick<NewBody, 'encoding' | 'bytes'>,
  ): Promise<void> {
    const userAgent = request.headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH)
    const meta = {
      ip: request.ip,
      ...(userAgent && { userAgent }),
      ...(eventId && { eventId }),
      ...(rejected && { rejected }),
    }
    const body = { projectId, format: door.format, eventCount, receivedAt: now, meta, ...packed }
    await this.#options.queue.append(body).catch((error: unknown) => {
      if (!(error instanceof QueueFull)) throw error
      throw new intakeErrors.NoRoom({
        detail: error.message,
        retryAfterSeconds: FULL_QUEUE_SECONDS,
        cause: error,
      })
    })
    this.#rateLimit.take(projectId, charge, this.#options.clock())
  }

  #count(error: unknown, { projectId, door: { protocol } }: Visit): void {
    if (!ProblemError.is(error)) return
    const outcome = outcomeOf(error)
    if (projectId !== undefined && outcome !== undefined) this.tally.add({ projectId, protocol, ...outcome })
    this.#options.onRefused?.({ protocol, status: error.status, reason: error.name, projectId })
  }
}

/** One request on its way. */
interface Visit {
  request: FastifyRequest
  door: Door
  now: number
  projectId?: number
  /** What it is refused with, if anything that counts is in it. */
  refusal?: ProblemError
}
