import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Forgotten, OldestLimit } from '../../store.js'
import { EventRemoval } from './event-removal.js'
import { IssueRemoval } from './issue-removal.js'
import { OldRollUps } from './old-roll-ups.js'
import { minuteOf } from './roll-ups.js'
import { NOTED_EVERY_ROWS } from './stacks.js'

const ISSUES_AT_ONCE = 50
const STACKS_AT_ONCE = 200

/** Ids of what must not be known by heart any more. */
export interface Changed {
  issues: ReadonlySet<number>
  stacks: ReadonlySet<number>
}

interface OldEvent {
  row: number
  eventId: Uint8Array
  projectId: number
  issueId: number
  receivedAt: number
}

/** Deletes the oldest events, and what nothing points to any more then, a slice at a time. */
export class Oldest {
  readonly #events: EventRemoval
  readonly #issues: IssueRemoval
  readonly #rollUps: OldRollUps
  readonly #findEvents: StatementSync
  readonly #findIssues: StatementSync
  readonly #findFirstRow: StatementSync
  readonly #deleteStacks: StatementSync

  constructor(database: DatabaseSync) {
    this.#events = new EventRemoval(database)
    this.#issues = new IssueRemoval(database)
    this.#rollUps = new OldRollUps(database)
    this.#findEvents = database.prepare(
      `SELECT id AS row, event_id AS eventId, project_id AS projectId, issue_id AS issueId, received_at AS receivedAt
       FROM events ORDER BY id LIMIT ?`,
    )
    this.#findIssues = database.prepare(
      `SELECT id FROM issues i WHERE last_seen_at < ? AND NOT EXISTS (SELECT 1 FROM events WHERE issue_id = i.id)
       ORDER BY last_seen_at LIMIT ${ISSUES_AT_ONCE}`,
    )
    this.#findFirstRow = database.prepare('SELECT min(id) AS row FROM events')
    this.#deleteStacks = database.prepare(
      `DELETE FROM stacks WHERE id IN (
         SELECT id FROM stacks WHERE last_event_row < ? ORDER BY last_event_row LIMIT ${STACKS_AT_ONCE}) RETURNING id`,
    )
  }

  /** Inside of a transaction. */
  forget(limit: OldestLimit): { forgotten: Forgotten; changed: Changed } {
    const events = this.#forgetEvents(limit)
    const keptFrom = keptFromOf(events, limit)
    const issues = keptFrom === undefined ? [] : this.#forgetIssues(keptFrom)
    const stacks = this.#forgetStacks()
    const others =
      this.#events.removeOrphans() + (keptFrom === undefined ? 0 : this.#forgetCounts(events, keptFrom))
    const deleted = { events: events.length, issues: issues.length, stacks: stacks.length }
    const isMore = events.length + issues.length + stacks.length + others > 0
    return {
      forgotten: { ...deleted, isMore },
      changed: { issues: new Set(issues), stacks: new Set(stacks) },
    }
  }

  /** In the order of arrival: what is replayed has an older time than its neighbours, and goes with them. */
  #forgetEvents({ before = Number.POSITIVE_INFINITY, events: limit }: OldestLimit): OldEvent[] {
    const oldest = this.#findEvents.all(limit) as unknown as OldEvent[]
    const end = oldest.findIndex(({ receivedAt }) => receivedAt >= before)
    const events = end === -1 ? oldest : oldest.slice(0, end)
    for (const event of events) this.#events.remove(event)
    return events
  }

  /** Some of them have been seen later than their last event, by repeats: those follow when that is as old. */
  #forgetIssues(keptFrom: number): number[] {
    const ids = this.#findIssues.all(keptFrom).map(({ id }) => Number(id))
    return ids.filter((id) => this.#issues.remove(id))
  }

  #forgetStacks(): number[] {
    const firstRow = Number(this.#findFirstRow.get()?.row ?? Number.MAX_SAFE_INTEGER)
    return this.#deleteStacks.all(firstRow - NOTED_EVERY_ROWS - 1).map(({ id }) => Number(id))
  }

  /** Of a full slice the last minute stays, until its issue loses another event: some of that minute's may be left. */
  #forgetCounts(events: readonly OldEvent[], keptFrom: number): number {
    let deleted = this.#rollUps.forget(keptFrom)
    for (const id of new Set(events.map(({ issueId }) => issueId))) {
      deleted += this.#issues.trim(id, minuteOf(keptFrom))
    }
    return deleted
  }
}

/** All that is older has been deleted: up to the last event of a full slice, else up to the limit. */
function keptFromOf(events: readonly OldEvent[], { before, events: limit }: OldestLimit): number | undefined {
  const last = events.at(-1)?.receivedAt
  if (before === undefined || last === undefined) return last ?? before
  return events.length < limit ? before : last
}
