import { userInfo } from 'node:os'
import type { NewAuditEntry, StoreWriter } from '@faultline/collector'
import { withWriter } from './data-options.js'

type Entry = Pick<NewAuditEntry, 'action' | 'target' | 'details'>

/**
 * Changes the store itself; the audit log says that it was the command line, and whose.
 * @param entryOf says what was done; nothing where nothing has changed
 */
export function withAuditedWriter<Result>(
  data: string,
  work: (store: StoreWriter, now: number) => Result,
  entryOf: (result: Result) => Entry | undefined,
): Promise<Result> {
  return withWriter(data, (store) => {
    const now = Date.now()
    const result = work(store, now)
    const entry = entryOf(result)
    if (entry !== undefined) store.audit({ actor: 'cli', actorName: userName(), ...entry }, now)
    return result
  })
}

/** In a container there may be no name for the number that a process runs as. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.()}`
  }
}
