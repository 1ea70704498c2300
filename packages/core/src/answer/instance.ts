const MAX_LENGTH = 1024

/** RFC 3986: the characters that a URI reference may have, and nothing but whole escapes. */
const URI_REFERENCE = /^(?:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=[\]]|%[0-9A-Fa-f]{2})*$/

/** The `instance` that needs nothing from anybody. */
export function defaultInstance(id: string): string {
  return `urn:uuid:${id}`
}

/** A URI reference without its query and fragment, where secrets live; `undefined` if it is none. */
export function safeInstance(instance: unknown): string | undefined {
  if (typeof instance !== 'string' || instance === '' || instance.length > MAX_LENGTH * 8) return undefined
  const end = instance.search(/[?#]/)
  const path = end === -1 ? instance : instance.slice(0, end)
  return path !== '' && path.length <= MAX_LENGTH && URI_REFERENCE.test(path) ? path : undefined
}
