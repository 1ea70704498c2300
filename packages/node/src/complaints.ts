import type { Logger } from '@faultline/core'
import { serializeError } from '@faultline/core'

/** Says once in a while what goes wrong in the reporter itself. Never throws. */
export type Complain = (what: string, error?: unknown) => void

const QUIET_MS = 60_000

/** Complaints go to the logger, each kind once a minute at most. Without a logger nobody hears of them but `stats()`. */
export function createComplain(
  logger: Logger | undefined,
  clock: () => number = () => performance.now(),
): Complain {
  const quietUntilMs = new Map<string, number>()
  return (what, error) => {
    const nowMs = clock()
    if (logger === undefined || nowMs < (quietUntilMs.get(what) ?? Number.NEGATIVE_INFINITY)) return
    quietUntilMs.set(what, nowMs + QUIET_MS)
    const failure = error === undefined || error === '' ? undefined : shortened(error)
    const message = `Faultline: ${what}${failure ? `: ${failure.message}` : ''}`
    try {
      logger.warn({ ...(failure && { failure }) }, message)
    } catch {
      // nobody is left to tell
    }
  }
}

/** Without the stack, which leads into this package. */
function shortened(error: unknown): { type: string; message: string } {
  const { type, message } = serializeError(error, { bytes: 8192 })
  return { type, message }
}

/** Says what the reporter does, for whoever wants to know. Never throws. */
export type Mention = (what: string, fields: object) => void

/** Mentions go to the logger, level info, when they are wanted. */
export function createMention(logger: Logger | undefined, isWanted: boolean): Mention {
  return (what, fields) => {
    if (!isWanted) return
    try {
      logger?.info(fields, `Faultline: ${what}`)
    } catch {
      // nobody is left to tell
    }
  }
}
