import { clip } from './clip.js'

// Names come from clients. What is longer or deeper than this is cut and ends in an ellipsis.
const MAX_SEGMENTS = 32
const MAX_SEGMENT_LENGTH = 64
const MAX_PATH_LENGTH = 4096

/** A JSON Pointer as a URI fragment, `#/a%20b/0/x~1y`. @see RFC 6901 §6 */
export function toPointer(segments: readonly string[]): string {
  const shown = segments.slice(0, MAX_SEGMENTS)
  if (segments.length > MAX_SEGMENTS) shown.push('…')
  return ['#', ...shown.map(toFragment)].join('/')
}

/** The reference tokens of a JSON Pointer in its plain form, as Ajv writes `instancePath`. @see RFC 6901 §4 */
export function pointerSegments(pointer: string): string[] {
  const tokens = pointer.slice(0, MAX_PATH_LENGTH).split('/').slice(1)
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

// encodeURI leaves alone what RFC 3986 §3.5 allows in a fragment, and besides that only `#`.
function toFragment(segment: string): string {
  const token = clip(segment, MAX_SEGMENT_LENGTH).replaceAll('~', '~0').replaceAll('/', '~1')
  return encodeURI(token).replaceAll('#', '%23')
}
