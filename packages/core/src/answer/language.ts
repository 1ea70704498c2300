import { parseQualityList } from './quality-list.js'

/** The language of a catalogue's own texts. */
const BASE_LANGUAGE = 'en'
const LANGUAGE_RANGE = /^[a-z]{1,8}(?:-[a-z\d]{1,8}){0,8}$/
const WANTED = 32

/**
 * The translation that suits `Accept-Language` best; `undefined` for the catalogue's own texts.
 * @param available language tags, as the translations name them
 * @see RFC 9110 §12.5.4, RFC 4647 §3.4
 */
export function negotiateLanguage(
  acceptLanguage: string | undefined,
  available: readonly string[],
): string | undefined {
  if (typeof acceptLanguage !== 'string' || acceptLanguage === '' || available.length === 0) return undefined
  const items = parseQualityList(acceptLanguage)
  const refused = new Set(items.filter((item) => item.quality === 0).map((item) => item.value))
  const wanted = items.filter((item) => item.quality > 0).sort((a, b) => b.quality - a.quality)
  const allowed = available.filter((tag) => !refused.has(tag.toLowerCase()))
  return lookUp(
    wanted.map((item) => item.value),
    allowed,
  )
}

/** The translation for languages in order of preference, the best first; `undefined` for the catalogue's own texts. */
export function matchLanguages(wanted: readonly string[], available: readonly string[]): string | undefined {
  if (!Array.isArray(wanted) || available.length === 0) return undefined
  const tags = wanted.slice(0, WANTED).filter((tag) => typeof tag === 'string')
  return lookUp(
    tags.map((tag) => tag.toLowerCase()),
    available,
  )
}

function lookUp(wanted: readonly string[], available: readonly string[]): string | undefined {
  for (const range of wanted) {
    if (range === '*') return undefined
    if (!LANGUAGE_RANGE.test(range)) continue
    for (let tag = range; tag !== ''; tag = shorten(tag)) {
      const match = available.find((name) => name.toLowerCase() === tag)
      if (match !== undefined) return match
      if (tag === BASE_LANGUAGE) return undefined
    }
  }
  return undefined
}

// `zh-hant-x-old` → `zh-hant`: a single letter only introduces what was cut.
function shorten(tag: string): string {
  const cut = tag.slice(0, Math.max(tag.lastIndexOf('-'), 0))
  return cut.at(-2) === '-' ? cut.slice(0, -2) : cut
}
