import type { Role } from './store.js'

/** Who asks: a token of the API, or a user who has signed in. */
export interface Caller {
  kind: 'token' | 'user'
  id: number
  name: string
  role: Role
  /** What may be seen; without it, every project. */
  projectIds?: readonly number[]
}
