import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { RequestCount } from '@faultline/protocol'
import { seenAt } from '../../issue-state.js'
import type { DigestedBody, OutcomeCount, Severity } from '../../store.js'
import { ADD, Tally } from './tally.js'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

export const minuteOf = (at: number) => Math.floor(at / MINUTE_MS)
export const hourOf = (at: number) => Math.floor(at / HOUR_MS)

export interface EventCount {
  projectId: number
  at: number
  service: string
  environment: string
  severity: Severity
  count: number
}

/** The counters of projects, which charts and books are made of. */
export class RollUps {
  readonly #addToHour: StatementSync
  readonly #addRequests: StatementSync
  readonly #addOutcome: StatementSync
  readonly #addDropped: StatementSync
  readonly #deleteSettled: StatementSync
  readonly #hours = new Tally<[number, number, string, string, string]>()
  readonly #requests = new Tally<[number, number, string, string, string, string, string]>()
  readonly #outcomes = new Tally<[number, number, string, string, string]>()
  readonly #dropped = new Tally<[number, number, string]>()

  constructor(database: DatabaseSync) {
    this.#addToHour = database.prepare(`INSERT INTO project_hours VALUES (?, ?, ?, ?, ?, ?) ${ADD}`)
    this.#addRequests = database.prepare(`INSERT INTO request_minutes VALUES (?, ?, ?, ?, ?, ?, ?, ?) ${ADD}`)
    this.#addOutcome = database.prepare(`INSERT INTO outcome_hours VALUES (?, ?, ?, ?, ?, ?) ${ADD}`)
    this.#addDropped = database.prepare(`INSERT INTO dropped_hours VALUES (?, ?, ?, ?) ${ADD}`)
    this.#deleteSettled = database.prepare(
      'DELETE FROM outcome_hours WHERE project_id = ? AND hour = ? AND outcome = ? AND reason = ? AND protocol = ? AND count = 0',
    )
  }

  addEvents({ projectId, at, service, environment, severity, count }: EventCount): void {
    this.#hours.add([projectId, hourOf(at), service, environment, severity], count)
  }

  addRequests(
    body: DigestedBody,
    { minute, service, environment, release, route, status, count }: RequestCount,
  ) {
    const at = minuteOf(seenAt(minute, body.receivedAt))
    this.#requests.add([body.projectId, at, service, environment, release ?? '', route, status], count)
  }

  addOutcome({ projectId, outcome, reason, protocol, count }: OutcomeCount, receivedAt: number): void {
    if (count > 0) this.#outcomes.add([projectId, hourOf(receivedAt), outcome, reason, protocol], count)
  }

  /** Takes back an outcome that has been written. */
  takeBack({ projectId, outcome, reason, protocol, count }: OutcomeCount, receivedAt: number): void {
    const key = [projectId, hourOf(receivedAt), outcome, reason, protocol] as const
    this.#addOutcome.run(...key, -count)
    this.#deleteSettled.run(...key)
  }

  addDropped(body: DigestedBody, reason: string, count: number): void {
    this.#dropped.add([body.projectId, hourOf(body.receivedAt), reason], count)
  }

  /** @returns the outcomes that were added since the last time */
  flush(): OutcomeCount[] {
    const outcomes = this.#sumOutcomes()
    this.#outcomes.flush(this.#addOutcome)
    this.#hours.flush(this.#addToHour)
    this.#requests.flush(this.#addRequests)
    this.#dropped.flush(this.#addDropped)
    return outcomes
  }

  clear(): void {
    for (const tally of [this.#hours, this.#requests, this.#outcomes, this.#dropped]) tally.clear()
  }

  #sumOutcomes(): OutcomeCount[] {
    const sums = new Tally<[number, string, string, string]>()
    for (const { key, count } of this.#outcomes.sums()) sums.add([key[0], key[2], key[3], key[4]], count)
    return Array.from(sums.sums(), ({ key: [projectId, outcome, reason, protocol], count }) => {
      return { projectId, outcome, reason, protocol, count } as OutcomeCount
    })
  }
}
