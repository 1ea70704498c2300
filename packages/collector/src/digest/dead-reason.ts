import { redact } from '@faultline/core'

const MAX_LENGTH = 300

/** Why something became a dead letter, without any of its data: V8 quotes what it could not read, and more than that. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${typeof error}`
  const unquoted = error.message.slice(0, 10 * MAX_LENGTH).replace(/".*"/s, '"…"')
  return String(redact(`${error.name}: ${unquoted}`)).slice(0, MAX_LENGTH)
}
