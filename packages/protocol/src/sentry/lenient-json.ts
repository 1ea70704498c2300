import { isTooDeep } from './too-deep.js'

const BOM = 0xfeff
const QUOTE = 0x22
const BACKSLASH = 0x5c
const FIRST_PRINTABLE = 0x20

/**
 * JSON as clients really write it: after a byte order mark, with the NaN and the Infinity of Python (they become null), with NUL and
 * other control characters as they are.
 * @throws SyntaxError
 */
export function parseLenientJson(bytes: Uint8Array): unknown {
  if (isTooDeep(bytes)) throw new SyntaxError('The JSON is nested too deeply.')
  const text = textOf(bytes)
  try {
    return JSON.parse(text)
  } catch (error) {
    const mended = mend(text)
    if (mended === text) throw error
    return JSON.parse(mended)
  }
}

/** UTF-8; what is none becomes U+FFFD. */
function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  return text.charCodeAt(0) === BOM ? text.slice(1) : text
}

/** One pass, for the text may be megabytes of somebody's malice. */
function mend(text: string): string {
  const parts: string[] = []
  let at = 0
  while (at < text.length) {
    const end = text.charCodeAt(at) === QUOTE ? endOfString(text, at) : endOfRest(text, at)
    const part = text.slice(at, end)
    parts.push(text.charCodeAt(at) === QUOTE ? escapeControls(part) : mendWords(part))
    at = end
  }
  return parts.join('')
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === QUOTE) return at + 1
  }
  return text.length
}

function endOfRest(text: string, start: number): number {
  const quote = text.indexOf('"', start)
  return quote === -1 ? text.length : quote
}

function mendWords(part: string): string {
  return part.replaceAll(/-?\b(?:NaN|Infinity)\b/g, 'null').replaceAll('\0', ' ')
}

function escapeControls(part: string): string {
  let escaped = ''
  let from = 0
  for (let at = 0; at < part.length; at++) {
    const code = part.charCodeAt(at)
    if (code >= FIRST_PRINTABLE) continue
    escaped += `${part.slice(from, at)}\\u${code.toString(16).padStart(4, '0')}`
    from = at + 1
  }
  return from === 0 ? part : escaped + part.slice(from)
}
