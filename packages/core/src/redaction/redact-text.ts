import { FILTERED } from './filtered.js'
import { isIpv6 } from './numbers.js'
import { EMAIL, IPV6, SENSITIVE_STEMS, SENSITIVE_VALUES, URL_CREDENTIALS } from './sensitive.js'
import { wordsOf } from './sensitive-key.js'

/** Two do but for contrived text. */
const PASSES = 4

/** Replaces what is sensitive in text: values by their form, and whatever follows a sensitive key. */
export function createTextRedactor(
  extraKeys: readonly string[],
  isSensitiveKey: (key: string) => boolean,
): (text: string) => string {
  const stems = [...SENSITIVE_STEMS, ...extraKeys.map((key) => wordsOf(key).join('[_-]?')).filter(Boolean)]
  const key = `(?:${stems.join('|')})[\\w-]{0,32}(?:\\\\{0,7}["'\`])?(?:]|%5d)?[ \\t]{0,4}`
  const keyPattern = new RegExp(`${key}(?:=>|[=:]|%3d)[ \\t]{0,4}`, 'gi')
  const mark = new RegExp(MARK.source.replaceAll('KEY', `(?<=${key}.)`), 'i')

  return (text) => {
    let result = text
    for (let pass = 0; pass < PASSES; pass++) {
      const opened = redactPem(result)
      const isMarked = mark.test(opened)
      // URLs first: what follows a key could end in the middle of one.
      const linked = isMarked ? redactUrls(opened) : opened
      const keyed = isMarked ? redactKeyValues(linked, keyPattern, isSensitiveKey) : linked
      const redacted = redactValues(isMarked ? redactAddresses(keyed) : keyed)
      // What is filtered can be a boundary that was none before; but where the value of a key ended there was one, but for a URL.
      const isSettled = linked === result && redacted === keyed && (keyed === linked || !keyed.includes('@'))
      result = redacted
      if (isSettled) break
    }
    return result
  }
}

function redactUrls(text: string): string {
  return text.includes('@') ? text.replace(URL_CREDENTIALS, `//${FILTERED}@`) : text
}

function redactAddresses(text: string): string {
  const result = text.includes('@') ? text.replace(EMAIL, FILTERED) : text
  return result.replace(IPV6, (address) => (isIpv6(address) ? FILTERED : address))
}

function redactValues(text: string): string {
  let result = text
  for (const { hint, pattern, replacement } of SENSITIVE_VALUES) {
    const isHinted = typeof hint === 'string' ? result.includes(hint) : hint.test(result)
    if (isHinted) result = result.replace(pattern, replacement as () => string)
  }
  return result
}

// Where a key ends, or an address may be. Not the frames of a stack: `x.js:10:5`, `node:internal/`, `fastify@5.12.8/`.
const MARK =
  /[=%]KEY|:(?<!\.[cm]?[jt]sx?:|:\d{1,7}:)(?!internal\/)(?:KEY|:|[\da-f]{1,4}:[\da-f]{1,4}:)|@(?<=[^\s/]@)(?!\d{1,5}\.\d{1,5}\.\d{1,5}[^.\d])[^\s/]/

// A block without an end is filtered to the end: it was cut.
function redactPem(text: string): string {
  let result = ''
  let from = 0
  for (;;) {
    const begin = text.indexOf('-----BEGIN ', from)
    if (begin === -1) return from === 0 ? text : result + text.slice(from)
    result += text.slice(from, begin) + FILTERED
    const end = text.indexOf('-----END ', begin)
    const close = end === -1 ? -1 : text.indexOf('-----', end + 9)
    if (close === -1) return result
    from = close + 5
  }
}

function redactKeyValues(text: string, keyPattern: RegExp, isSensitiveKey: (key: string) => boolean): string {
  let result = ''
  let from = 0
  keyPattern.lastIndex = 0
  for (let match = keyPattern.exec(text); match !== null; match = keyPattern.exec(text)) {
    const start = keyPattern.lastIndex
    const key = keyAt(text, match.index, match[0])
    const end = key !== '' && isSensitiveKey(key) ? valueEnd(text, start, key) : start
    if (end === start) continue
    // The quotes around a value stay.
    const quote = quoteAt(text, start)
    result += text.slice(from, start + quote.length) + FILTERED
    from = end - start >= 2 * quote.length && text.endsWith(quote, end) ? end - quote.length : end
    keyPattern.lastIndex = end
  }
  return from === 0 ? text : result + text.slice(from)
}

/** The whole key: the pattern begins at a stem. Empty where it is a file, also behind a filtered part: `/src/token:10:5`. */
function keyAt(text: string, stemAt: number, match: string): string {
  let start = stemAt
  while (start > 0 && stemAt - start < 64 && /[\w$-]/.test(text.charAt(start - 1))) start--
  if (match.includes(':') && /[/\\\]]/.test(text.charAt(start - 1))) return ''
  return text.slice(start, stemAt) + (/^[\w-]+?(?=%3d|[^\w-]|$)/i.exec(match)?.[0] ?? '')
}

function valueEnd(text: string, start: number, key: string): number {
  const first = text.charAt(start)
  const isCookie = /cookie$/i.test(key)
  if (text.startsWith(FILTERED, start) && !isCookie) return start
  const quote = quoteAt(text, start)
  if (quote !== '') return quotedEnd(text, start + quote.length, quote)
  if (isCookie) return matchEnd(/[^\r\n]*/y, text, start)
  if (first === '{' || first === '[') return bracketEnd(text, start)
  if (/authorization$/i.test(key)) {
    // `Digest username="ann", response="…"` goes on to the end of the line.
    const end = matchEnd(/[a-z][\w-]* +(?:[\w-]+=["\w][^\r\n]*|[^\s,;&"'`<>]+)/iy, text, start)
    if (end > start) return end
  }
  return bareEnd(text, start)
}

function bareEnd(text: string, start: number): number {
  let end = matchEnd(/[^\s,;&"'`<>]*/y, text, start)
  if (/["'`]/.test(text.charAt(end))) while (end > start && text[end - 1] === '\\') end--
  return /^(?:null|undefined|true|false)[)}\]]*$/.test(text.slice(start, Math.min(end, start + 20)))
    ? start
    : end
}

// One without a closing quote was cut: it goes on to the end, but no frame of a stack belongs to it.
function quotedEnd(text: string, start: number, quote: string): number {
  for (let at = start; ; ) {
    const found = text.indexOf(quote, at)
    if (found === -1) return beforeFrames(text, start, text.length)
    if (quote.length > 1 || !isEscaped(text, found, start))
      return beforeFrames(text, start, found + quote.length)
    at = found + 1
  }
}

function isEscaped(text: string, at: number, start: number): boolean {
  let slashes = 0
  while (at - slashes > start && text[at - slashes - 1] === '\\') slashes++
  return slashes % 2 === 1
}

function bracketEnd(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (char === '{' || char === '[') depth++
    else if ((char === '}' || char === ']') && --depth === 0) return at + 1
  }
  return beforeFrames(text, start, text.length)
}

function beforeFrames(text: string, start: number, end: number): number {
  const at = text.slice(start, end).indexOf('\n    at ')
  return at === -1 ? end : start + at
}

/** One that is escaped in a text within a text counts with its backslashes. */
function quoteAt(text: string, start: number): string {
  return /^\\{0,7}["'`]/.exec(text.slice(start, start + 8))?.[0] ?? ''
}

function matchEnd(sticky: RegExp, text: string, start: number): number {
  sticky.lastIndex = start
  return sticky.test(text) ? sticky.lastIndex : start
}
