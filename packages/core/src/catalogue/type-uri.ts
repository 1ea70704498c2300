/** The `type` of a problem that has no page of its own. @see RFC 9457 §4.2.1 */
export const ABOUT_BLANK = 'about:blank'

/** The `type` of the standard `ValidationFailed`, the only standard problem with one of its own. */
export const VALIDATION_FAILED = 'urn:faultline:validation-failed'

/**
 * The `type` of a definition: what it gives, resolved against the base; else base + kebab-case name; without a base `about:blank`.
 * @throws TypeError when the parts make no URI.
 */
export function resolveType(name: string, type: string | undefined, base: string | undefined): string {
  if (type === undefined && base === undefined) return ABOUT_BLANK
  if (base === undefined) return new URL(type as string).href === ABOUT_BLANK ? ABOUT_BLANK : (type as string)
  const relative = type ?? kebabCase(name)
  const isPath = new URL(base).pathname.startsWith('/') // a urn: or tag: is no folder: names are put behind it
  if (!isPath && !URL.canParse(relative)) return new URL(base + relative).href
  return new URL(relative, base.endsWith('/') ? base : `${base}/`).href
}

/** `OutOfCredit` → `out-of-credit`, `HTTPVersion` → `http-version`. */
export function kebabCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
}
