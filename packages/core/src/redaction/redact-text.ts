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
  const key = `(?:${stems.join('|')})[\\w-]{0,32}(?:\\\\{0,3}["'\`])?[ \\t]{0,4}`
  const keyPattern = new RegExp(`${key}(?:=>|[=:]|%3d)[ \\t]{0,4}`, 'gi')
  const mark = new RegExp(MARK.source.replaceAll('KEY', `(?<=${key}.)`), 'i')

  return untilStable((text) => {
    const result = text.includes('-----BEGIN ') ? redactPem(text) : text
    return redactValues(mark.test(result) ? redactMarked(result, keyPattern, isSensitiveKey) : result)
  })
}

// What is filtered can be a boundary that was none before.
function untilStable(redactOnce: (text: string) => string): (text: string) => string {
  return (text) => {
    let before = text
    let result = redactOnce(text)
    for (let passes = 1; result !== before && passes < PASSES; passes++) {
      before = result
      result = redactOnce(before)
    }
    return result
  }
}

function redactMarked(text: string, keyPattern: RegExp, isSensitiveKey: (key: string) => boolean): string {
  // URLs first: what follows a key could end in the middle of one.
  let result = text.includes('@') ? text.replace(URL_CREDENTIALS, `//${FILTERED}@`) : text
  result = redactKeyValues(result, keyPattern, isSensitiveKey)
  if (result.includes('@')) result = result.replace(EMAIL, FILTERED)
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
    const [open, close] = quotesOf(text, start, end)
    result += text.slice(from, start + open) + FILTERED
    from = end - close
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
  const quote = /^\\{0,3}["'`]/.exec(text.slice(start, start + 4))?.[0]
  if (quote !== undefined) return quotedEnd(text, start + quote.length, quote)
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

// One without a closing quote was cut: it goes on to the end.
function quotedEnd(text: string, start: number, quote: string): number {
  for (let at = start; ; ) {
    const found = text.indexOf(quote, at)
    if (found === -1) return text.length
    if (quote.length > 1 || !isEscaped(text, found, start)) return found + quote.length
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
  return text.length
}

/** The lengths of the quotes around a value, which stay. */
function quotesOf(text: string, start: number, end: number): [open: number, close: number] {
  const quote = /^\\{0,3}["'`]/.exec(text.slice(start, start + 4))?.[0] ?? ''
  return [
    quote.length,
    quote !== '' && text.slice(start, end).endsWith(quote) && end - start >= 2 * quote.length
      ? quote.length
      : 0,
  ]
}

function matchEnd(sticky: RegExp, text: string, start: number): number {
  sticky.lastIndex = start
  return sticky.test(text) ? sticky.lastIndex : start
}
