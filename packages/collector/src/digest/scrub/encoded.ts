import { isUtf8 } from 'node:buffer'

/** Two do but for contrived text. */
const PASSES = 4
/** `%2540` is an `@` too. */
const LEVELS = 2
/** What a URL in text cannot have in it ends it. */
const WORD = /[^\s"'`<>]+/g
const ESCAPE = /%[\da-f]{2}/i
const ESCAPES = /(?:%[\da-f]{2})+/gi
/** `?q=a+b`. Linear: from each `?` it goes no further than to the next one. */
const SPACED_QUERY = /\?[^\s?=]*=[^\s?+]*\+/

type Filter = (text: string) => string

/**
 * Filters text, also what is encoded in the URLs in it: `/reset?email=ann%40shop.example` has an address in it, and of `?q=a%20b` nothing
 * changes.
 */
export function filterText(text: string, filter: Filter): string {
  return settled(text, filter, (shown) =>
    isEncoded(shown)
      ? shown.replace(WORD, (word) => (isEncoded(word) ? filterParts(word, filter) : word))
      : shown,
  )
}

/**
 * Filters the query of a URL, also what is encoded in it; a space and a quote do not end it.
 * @param query may have the path before it
 */
export function filterQuery(query: string, filter: Filter): string {
  return settled(query, filter, (shown) => (/[%+]/.test(shown) ? filterParts(shown, filter) : shown))
}

/** What is written out where something is filtered can stand beside what was another word, so it is looked through once more. */
function settled(text: string, filter: Filter, filterEncoded: Filter): string {
  let result = text
  for (let pass = 0; pass < PASSES; pass++) {
    const shown = filter(result)
    result = filterEncoded(shown)
    if (result === shown) break
  }
  return result
}

/** All text is asked, so that what has neither `%` nor `?` costs next to nothing. */
function isEncoded(text: string): boolean {
  return (text.includes('%') && ESCAPE.test(text)) || (text.includes('?') && SPACED_QUERY.test(text))
}

/** Path, pairs and fragment each for itself: what has no secret keeps its escapes. */
function filterParts(url: string, filter: Filter): string {
  return url.replace(/[^?&#]+/g, (part) => (/[%+]/.test(part) ? filterPart(part, filter, LEVELS) : part))
}

function filterPart(part: string, filter: Filter, levels: number): string {
  const decoded = decode(part)
  if (decoded === part) return part
  const shown = filter(decoded)
  const filtered = levels > 1 && ESCAPE.test(shown) ? filterPart(shown, filter, levels - 1) : shown
  return filtered === decoded ? part : filtered.replace(/[%+?&#]/g, encodeURIComponent)
}

/** A `%` without two digits stands for itself. */
function decode(part: string): string {
  return part.replaceAll('+', ' ').replace(ESCAPES, decodeRun)
}

/** What is no UTF-8 comes from old clients, and from what is no text: each byte is a character. */
function decodeRun(run: string): string {
  // Nearly all are one character of ASCII: those need no buffer.
  if (run.length === 3 && run < '%8') return String.fromCharCode(Number.parseInt(run.slice(1), 16))
  const bytes = Buffer.from(run.replaceAll('%', ''), 'hex')
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
}
