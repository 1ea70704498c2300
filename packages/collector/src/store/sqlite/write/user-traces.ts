import type { ErrorEvent } from '@faultline/protocol'
import type { ErasedUser } from '../../store.js'

/** An id to the letter, an address in any case of its letters. */
export function isOfUser(user: ErrorEvent['user'], { userId, email }: ErasedUser): boolean {
  if (userId && user?.id === userId) return true
  return Boolean(email && user?.email && isSame(user.email, email))
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** Whether the text of an event, of which the end may be missing, is that of one of the user's. */
export function isTextOfUser(text: string, user: ErasedUser): boolean {
  const values = [user.userId, user.email].filter((value) => value !== undefined && value !== '') as string[]
  const folded = text.toLowerCase()
  if (!values.some((value) => folded.includes(JSON.stringify(value).toLowerCase()))) return false
  try {
    return isOfUser(JSON.parse(text)[0].user, user)
  } catch {
    return true // rather once too often
  }
}
