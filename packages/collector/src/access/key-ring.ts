import type { IngestKey } from '../store/store.js'

/** How long a look into the store counts: a key that another process makes works as soon, one that it revokes works no longer. */
const LOOK_AGAIN_MS = 1000

export interface KeyRingOptions {
  /** A read that waits for nobody: intake does, for its answer. */
  readKeys(): IngestKey[]
  /** Milliseconds that never go back; only differences count. */
  now(): number
}

export type KeyOwner = { projectId: number }

/** The ingest keys, in memory: the store, which other processes write too, is asked at most once a second. */
export interface KeyRing {
  /**
   * Whose key it is; `undefined` if it is unknown or revoked. What is known stays known while the store cannot be read.
   * @throws what reading the store has thrown, for a key that is not known
   */
  find(publicKey: string): KeyOwner | undefined
  /** After a change of keys by this process: the next `find` asks the store. */
  forget(): void
}

export function createKeyRing({ readKeys, now }: KeyRingOptions): KeyRing {
  let owners = new Map<string, KeyOwner>()
  let readAt = Number.NEGATIVE_INFINITY

  return {
    find(publicKey) {
      if (now() - readAt >= LOOK_AGAIN_MS) {
        try {
          owners = ownersOf(readKeys())
          readAt = now()
        } catch (error) {
          if (!owners.has(publicKey)) throw error
        }
      }
      return owners.get(publicKey)
    },
    forget() {
      readAt = Number.NEGATIVE_INFINITY
    },
  }
}

function ownersOf(keys: readonly IngestKey[]): Map<string, KeyOwner> {
  const valid = keys.filter(({ revokedAt }) => revokedAt === null)
  return new Map(valid.map(({ publicKey, projectId }) => [publicKey, { projectId }]))
}
