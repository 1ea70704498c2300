import type { Reporter } from './reporter.js'

const FLUSH_TIMEOUT_MS = 2000

/** Flushes a reporter before a service closes. Whatever the reporter does, this resolves in about two seconds at most. */
export async function flushed(reporter: Reporter): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_TIMEOUT_MS)
  })
  try {
    await Promise.race([reporter.flush(FLUSH_TIMEOUT_MS), timeout])
  } catch {
    // what a reporter cannot send must not keep a service from closing
  } finally {
    clearTimeout(timer)
  }
}
