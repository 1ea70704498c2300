import type { IngestKey } from '../store/store.js'

/** Between two looks into the store because of a key that is not known here. */
const LOOK_AGAIN_MS = 1000
/** From here on the store is asked again, beside the work. */
const STALE_MS = 2000
/** From here on nobody is let in before the store has been asked. */
const EXPIRED_MS = 4000

export interface KeyRingOptions {
  readKeys(): Promise<IngestKey[]>
  /** Milliseconds; only differences count. */
  now(): number
}

export type KeyOwner = { projectId: number }

/** The ingest keys, in memory: the store, which other processes write too, is asked at most once a second. */
export interface KeyRing {
  /** Whose key it is, at once if that is known. A key that was revoked is unknown within five seconds. */
  find(publicKey: string): KeyOwner | undefined | Promise<KeyOwner | undefined>
  /** After a change of keys by this process: the next `find` asks the store. */
  forget(): void
}

export function createKeyRing({ readKeys, now }: KeyRingOptions): KeyRing {
  let owners = new Map<string, KeyOwner>()
  let readAt = Number.NEGATIVE_INFINITY
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined

  const ask = (): Promise<void> => {
    if (asking !== undefined) return asking
    const startedAt = now()
    askedAt = startedAt
    const mine: Promise<void> = readKeys()
      .then((keys) => {
        if (asking !== mine) return // forgotten since
        owners = ownersOf(keys)
        readAt = startedAt
      })
      .finally(() => {
        if (asking === mine) asking = undefined
      })
    asking = mine
    return mine
  }

  return {
    find(publicKey) {
      const owner = owners.get(publicKey)
      const ageMs = now() - readAt
      if (owner !== undefined && ageMs < EXPIRED_MS) {
        if (ageMs >= STALE_MS && now() - askedAt >= LOOK_AGAIN_MS) ask().catch(() => undefined)
        return owner
      }
      if (asking === undefined && now() - askedAt < LOOK_AGAIN_MS) return owner
      // what is known stays known if the store cannot be asked: no event is lost for that
      return ask().then(
        () => owners.get(publicKey),
        (error: unknown) => owners.get(publicKey) ?? Promise.reject(error),
      )
    },
    forget() {
      asking = undefined
      readAt = Number.NEGATIVE_INFINITY
      askedAt = Number.NEGATIVE_INFINITY
    },
  }
}

function ownersOf(keys: readonly IngestKey[]): Map<string, KeyOwner> {
  const valid = keys.filter(({ revokedAt }) => revokedAt === null)
  return new Map(valid.map(({ publicKey, projectId }) => [publicKey, { projectId }]))
}
