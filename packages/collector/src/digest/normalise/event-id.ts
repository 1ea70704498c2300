import { randomUUID } from 'node:crypto'

const CANONICAL = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/
const ANY_SPELLING = /^[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}$/i

/** The one spelling of ids in stored events: lower case, with hyphens. `undefined` for what is no UUID. */
export function canonicalId(id: unknown): string | undefined {
  if (typeof id !== 'string') return undefined
  if (CANONICAL.test(id)) return id
  if (!ANY_SPELLING.test(id)) return undefined
  const hex = id.replaceAll('-', '').toLowerCase()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The first that is a UUID, else a new one: intake gives one to every event that brings none, so that is rare. */
export function firstId(...ids: unknown[]): string {
  for (const id of ids) {
    const canonical = canonicalId(id)
    if (canonical !== undefined) return canonical
  }
  return randomUUID()
}
