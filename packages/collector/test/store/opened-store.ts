import { join } from 'node:path'
import type { Test } from 'tap'
import { openStoreWriter } from '../../src/store/sqlite/open-store.js'
import { openStoreReader } from '../../src/store/sqlite/read/open-store-reader.js'
import type { IssueFilter, StoreReader, StoreWriter } from '../../src/store/store.js'
import { body, NOW, prepared, type SampleEvent } from './sample-body.js'

const DAY_MS = 86_400_000

export interface Store {
  writer: StoreWriter
  reader: StoreReader
  /** Saves events of the first project, by their names. */
  save: (events: Record<string, SampleEvent>, receivedAt?: number) => void
}

export function openStore(t: Test): Store {
  const file = join(t.testdir(), 'store.db')
  const writer = openStoreWriter(file)
  writer.createProject({ name: 'Shop' }, NOW - 30 * DAY_MS)
  const reader = openStoreReader(file)
  t.teardown(() => {
    reader.close()
    writer.close()
  })
  const save: Store['save'] = (events, receivedAt = NOW) => {
    const list = Object.entries(events).map(([name, event]) => prepared(name, event))
    writer.save([body(writer.position() + 1, list, { receivedAt })])
  }
  return { writer, reader, save }
}

export function filter(more: Partial<IssueFilter> = {}): IssueFilter {
  return { limit: 50, status: 'all', sort: 'lastSeen', now: NOW, ...more }
}
