import type { ChangedIssue, IssueChange } from '../store/store.js'
import { liveIssueBody } from './live-body.js'

const GATHER_MS = 500
const HEARTBEAT_MS = 15_000
const MOST_ISSUES = 200
const HEARTBEAT = ':\n\n'

/** Who is told of changes. */
export interface LiveListener {
  view: LiveView
  /** @returns `false` if it does not keep up, and is to be ended */
  write(text: string): boolean
  /** Asked at each heartbeat; may bring a new `view` with it. */
  isStillAllowed(): Promise<boolean>
  end(): void
}

/** What a listener sees. Those with the same key see the same, and are sent the same text. */
export interface LiveView {
  key: string
  sees(projectId: number): boolean
}

export interface LiveHubOptions {
  readChanged(ids: readonly number[]): Promise<ChangedIssue[]>
  /** How long changes are gathered before the store is asked. */
  gatherMs?: number
  heartbeatMs?: number
}

/** Tells listeners of new and changed issues. Without listeners it does nothing, with many hardly more than with one. */
export interface LiveHub {
  /** What a transaction of digest has changed. */
  add(changes: readonly IssueChange[]): void
  /** Somebody has edited an issue. */
  edited(issueId: number, projectId: number): void
  /** @returns what ends it */
  listen(listener: LiveListener): () => void
  /** Ends all listeners. */
  close(): void
}

type Change = Omit<IssueChange, 'lastEventId'>

export function createLiveHub(options: LiveHubOptions): LiveHub {
  const { readChanged, gatherMs = GATHER_MS, heartbeatMs = HEARTBEAT_MS } = options
  const listeners = new Set<LiveListener>()
  let changes = new Map<number, Change>()
  let isGathering = false
  let isClosed = false
  let lastId = 0
  let heart: NodeJS.Timeout | undefined

  function gather(more: readonly Change[]) {
    if (listeners.size === 0) return
    for (const change of more) {
      const known = changes.get(change.issueId)
      changes.delete(change.issueId) // the latest stand last
      changes.set(change.issueId, known === undefined ? change : merged(known, change))
    }
    if (!isGathering && changes.size > 0) void tellSoon()
  }

  async function tellSoon() {
    isGathering = true
    await new Promise((resolve) => setTimeout(resolve, gatherMs).unref())
    const gathered = [...changes.values()]
    changes = new Map()
    if (listeners.size > 0) await tell(gathered)
    isGathering = false
    if (changes.size > 0) void tellSoon()
  }

  async function tell(gathered: readonly Change[]) {
    const asked = new Map(gathered.slice(-MOST_ISSUES).map((change) => [change.issueId, change]))
    // Where the store cannot be read, the log has it already: listeners are told to read their lists again.
    const found = await readChanged([...asked.keys()]).catch(() => undefined)
    const untold = found === undefined ? gathered : gathered.slice(0, -MOST_ISSUES)
    const told = (found ?? []).map((issue) => {
      const change = asked.get(issue.id) as Change
      return { projectId: issue.projectId, text: eventText('issue', liveIssueBody(issue, change), ++lastId) }
    })
    const manyId = ++lastId
    const texts = new Map<string, string>()
    for (const listener of listeners) {
      const { key, sees } = listener.view
      const text = texts.get(key) ?? textFor(sees, { told, untold, manyId })
      texts.set(key, text)
      if (text !== '') write(listener, text)
    }
  }

  function write(listener: LiveListener, text: string) {
    if (!listener.write(text)) drop(listener)
  }

  function drop(listener: LiveListener) {
    leave(listener)
    listener.end()
  }

  function leave(listener: LiveListener) {
    listeners.delete(listener)
    if (listeners.size > 0) return
    changes.clear()
    clearInterval(heart)
    heart = undefined
  }

  async function beat(listener: LiveListener) {
    const isAllowed = await listener.isStillAllowed()
    if (!listeners.has(listener)) return
    if (isAllowed) write(listener, HEARTBEAT)
    else drop(listener)
  }

  return {
    add: gather,
    edited: (issueId, projectId) =>
      gather([{ issueId, projectId, isNew: false, isRegression: false, events: 0 }]),
    listen(listener) {
      listeners.add(listener)
      heart ??= setInterval(() => listeners.forEach((one) => void beat(one)), heartbeatMs)
      if (isClosed) drop(listener)
      return () => leave(listener)
    },
    close() {
      isClosed = true
      for (const listener of listeners) drop(listener)
    },
  }
}

/** One event of the stream. @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
export function eventText(event: string, data: object, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

function merged(one: Change, next: Change): Change {
  return {
    ...next,
    isNew: one.isNew || next.isNew,
    isRegression: one.isRegression || next.isRegression,
    events: one.events + next.events,
  }
}

interface News {
  told: readonly { projectId: number; text: string }[]
  untold: readonly Change[]
  manyId: number
}

function textFor(sees: LiveView['sees'], { told, untold, manyId }: News): string {
  const text = told.map((issue) => (sees(issue.projectId) ? issue.text : '')).join('')
  const count = untold.filter(({ projectId }) => sees(projectId)).length
  return count === 0 ? text : text + eventText('many', { issues: count }, manyId)
}
