import { LRUCache } from 'lru-cache'
import type { Caller } from '../store/people.js'
import { hashToken } from './tokens.js'

/** How long a token or a session that another process has ended may still work. */
const REMEMBER_MS = 5000
const MAX_REMEMBERED = 1000

export interface CallersOptions {
  findToken(hash: Uint8Array): Promise<Caller | undefined>
  findSession(hash: Uint8Array): Promise<Caller | undefined>
  /** Milliseconds; only differences count. */
  now(): number
}

/** Who has which token and which session; a few seconds old at most. */
export interface Callers {
  ofToken(token: string): Promise<Caller | undefined>
  ofSession(secret: string): Promise<Caller | undefined>
  /** After a change of users, tokens, sessions or teams by this process: everything is looked up again. */
  forget(): void
}

export function createCallers({ findToken, findSession, now }: CallersOptions): Callers {
  const found = new LRUCache<string, { at: number; caller: Promise<Caller | undefined> }>({
    max: MAX_REMEMBERED,
  })
  const look = (kind: Caller['kind'], secret: string, find: CallersOptions['findToken']) => {
    const hash = hashToken(secret)
    const key = kind + Buffer.from(hash).toString('base64')
    const known = found.get(key)
    if (known !== undefined && now() - known.at < REMEMBER_MS) return known.caller
    const caller = find(hash)
    const entry = { at: now(), caller }
    found.set(key, entry)
    caller.catch(() => found.peek(key) === entry && found.delete(key))
    return caller
  }
  return {
    ofToken: (token) => look('token', token, findToken),
    ofSession: (secret) => look('user', secret, findSession),
    forget: () => found.clear(),
  }
}
