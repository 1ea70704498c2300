import type { DatabaseSync } from 'node:sqlite'
import { LRUCache } from 'lru-cache'
import type { IssueChange } from '../../store.js'
import { type Added, type Issue, nothingAdded, sizeOfIssue } from './issue.js'
import { IssueFacets, noFacets } from './issue-facets.js'
import { IssueRows, type NewIssue } from './issue-rows.js'
import { IssueUsers } from './issue-users.js'

const MEMORY_BYTES = 25_165_824
const MOST_FINGERPRINTS = 20_000

/** The issues as they are written: the busy ones are known by heart, and each is written once a transaction. */
export class Issues {
  readonly #rows: IssueRows
  readonly #users: IssueUsers
  readonly #facets: IssueFacets
  readonly #known = new LRUCache<number, Issue>({ maxSize: MEMORY_BYTES, sizeCalculation: sizeOfIssue })
  readonly #byFingerprint = new LRUCache<string, number>({ max: MOST_FINGERPRINTS })
  /** Those that the running transaction has changed, which must not be forgotten. */
  readonly #changed = new Map<number, Issue>()

  constructor(database: DatabaseSync) {
    this.#rows = new IssueRows(database)
    this.#users = new IssueUsers(database)
    this.#facets = new IssueFacets(database)
  }

  findByFingerprint(projectId: number, hash: string): Issue | undefined {
    const key = `${projectId} ${hash}`
    const id = this.#byFingerprint.get(key) ?? this.#rows.findByFingerprint(projectId, hash)
    if (id === undefined) return undefined
    this.#byFingerprint.set(key, id)
    return this.find(id)
  }

  find(id: number): Issue | undefined {
    const known = this.#changed.get(id) ?? this.#known.get(id)
    if (known !== undefined) return known
    const issue = this.#load(id)
    if (issue !== undefined) this.#known.set(id, issue)
    return issue
  }

  create(newIssue: NewIssue): Issue {
    const { projectId, state, dictionary } = newIssue
    const words = setOf(newIssue.words)
    const id = this.#rows.insert(newIssue)
    const users = { count: 0 }
    const issue = { id, projectId, state, users, dictionary, words, facets: noFacets(), added: undefined }
    this.#startAdding(issue, true)
    return issue
  }

  /** What the running transaction has added to an issue, to be added to. */
  addedTo(issue: Issue): Added {
    return issue.added ?? this.#startAdding(issue, false)
  }

  flush(): IssueChange[] {
    const changes: IssueChange[] = []
    for (const issue of this.#changed.values()) {
      const added = this.#write(issue)
      const { isNew, isRegression, events, lastEventId } = added
      if (events > 0) {
        changes.push({
          issueId: issue.id,
          projectId: issue.projectId,
          isNew,
          isRegression,
          events,
          lastEventId,
        })
      }
      this.#known.set(issue.id, issue)
    }
    this.#changed.clear()
    return changes
  }

  /** Those that were deleted or rewritten. */
  forget(ids: ReadonlySet<number>): void {
    if (ids.size === 0) return
    for (const id of ids) this.#known.delete(id)
    this.#byFingerprint.clear()
  }

  clear(): void {
    this.#known.clear()
    this.#byFingerprint.clear()
    this.#changed.clear()
  }

  #startAdding(issue: Issue, isNew: boolean): Added {
    issue.added = nothingAdded(isNew)
    this.#changed.set(issue.id, issue)
    return issue.added
  }

  #write(issue: Issue): Added {
    const added = this.addedTo(issue)
    issue.users = this.#users.add(issue.id, issue.users, added.userHashes)
    this.#facets.flush(issue.id, issue.facets)
    const { state, users, facets } = issue
    this.#rows.update(issue.id, { state, userCount: users.count, facetCounts: facets.counts })
    this.#rows.addToMinutes(issue.id, added.minutes)
    issue.added = undefined
    return added
  }

  #load(id: number): Issue | undefined {
    const row = this.#rows.find(id)
    if (row === undefined) return undefined
    const { projectId, state, userCount, dictionary } = row
    const users = this.#users.load(id, userCount)
    const words = setOf(row.words)
    const facets = this.#facets.load(id, row.facetCounts)
    return { id, projectId, state, users, dictionary, words, facets, added: undefined }
  }
}

/** Words that keep no text in memory but their own. */
function setOf(joined: string): ReadonlySet<string> {
  return new Set(joined.split(' '))
}
