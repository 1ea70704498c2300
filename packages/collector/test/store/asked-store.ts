import type { IssueDetail, OutcomeCount, StoreReader, StoreWriter } from '../../src/store/store.js'
import { NOON } from './digested.js'

/** Both halves, and the questions that tests ask most. */
export class AskedStore {
  readonly writer: StoreWriter
  readonly reader: StoreReader

  constructor(writer: StoreWriter, reader: StoreReader) {
    this.writer = writer
    this.reader = reader
  }

  issues() {
    return this.reader.issues({ status: 'all', sort: 'lastSeen', limit: 100, now: NOON }).items
  }

  onlyIssue(now = NOON): IssueDetail {
    const [first, second] = this.issues()
    const detail = first && this.reader.issue(first.id, now)
    if (detail === undefined || second !== undefined) throw new Error('There is not one issue.')
    return detail
  }

  /** `duplicate repeat`: outcome and reason. */
  outcomes(): Record<string, number> {
    const sums: Record<string, number> = {}
    for (const { outcome, reason, count } of this.reader.outcomes({}) as OutcomeCount[]) {
      const name = `${outcome} ${reason}`.trim()
      sums[name] = (sums[name] ?? 0) + count
    }
    return sums
  }
}
