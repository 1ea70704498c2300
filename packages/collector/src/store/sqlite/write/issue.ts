import type { IssueState } from '../../issue-state.js'
import type { Facets } from './issue-facets.js'
import type { UserCount } from './issue-users.js'

/** An issue in memory: all that its next event is compared with. */
export interface Issue {
  readonly id: number
  readonly projectId: number
  state: IssueState
  users: UserCount
  /** What payloads are compressed with. */
  readonly dictionary: Uint8Array
  /** What it is found by itself. */
  readonly words: ReadonlySet<string>
  readonly facets: Facets
  /** What the running transaction has added to it. */
  added: Added | undefined
}

export interface Added {
  isNew: boolean
  isRegression: boolean
  events: number
  lastEventId: string
  /** Events and repeats by minute since 1970. */
  minutes: Map<number, number>
  userHashes: Set<number>
}

export function nothingAdded(isNew: boolean): Added {
  return {
    isNew,
    isRegression: false,
    events: 0,
    lastEventId: '',
    minutes: new Map(),
    userHashes: new Set(),
  }
}

// Measured roughly: a short string in a Map or a Set.
const ENTRY_BYTES = 80
const OTHER_BYTES = 1000

/** About how much memory it takes. */
export function sizeOfIssue({ dictionary, words, facets, users }: Issue): number {
  let entries = words.size
  for (const values of facets.places.values()) entries += values.size + 2
  return OTHER_BYTES + dictionary.length + (users.sketch?.length ?? 0) + entries * ENTRY_BYTES
}
