import { parseQualityList } from './quality-list.js'

const MEDIA_RANGE = /^(?:\*\/\*|[\w!#$&^.+-]+\/(?:\*|[\w!#$&^.+-]+))$/
const HTML = ['text/html', 'text/*', '*/*']
const JSON_TYPES = [
  ['application/problem+json', 'application/*', '*/*'],
  ['application/json', 'application/*', '*/*'],
]

/**
 * Whether the client would rather have a page than JSON, as browsers say they do. A tie and a malformed header mean
 * JSON. @see RFC 9110 §12.5.1
 */
export function prefersHtml(accept: string | undefined): boolean {
  if (typeof accept !== 'string' || !/text\//i.test(accept)) return false
  const qualities = new Map<string, number>()
  for (const { value, quality } of parseQualityList(accept)) {
    if (!MEDIA_RANGE.test(value) || Number.isNaN(quality)) return false
    qualities.set(value, quality)
  }
  const html = qualityOf(HTML, qualities)
  return JSON_TYPES.every((ranges) => html > qualityOf(ranges, qualities))
}

// The most specific range decides.
function qualityOf(ranges: readonly string[], qualities: ReadonlyMap<string, number>): number {
  for (const range of ranges) {
    const quality = qualities.get(range)
    if (quality !== undefined) return quality
  }
  return 0
}
