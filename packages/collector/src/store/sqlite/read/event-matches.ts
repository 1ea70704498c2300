import type { ErrorEvent } from '@faultline/protocol'
import { tagOf } from '../../search/search-keys.js'
import type { SearchTerm, ValueMatch } from '../../search/search-query.js'
import { wordsOf } from '../words.js'
import { hexOf } from './event-id.js'

type Values = (string | undefined)[]

/** What events have of their own; all else is asked of their issue. */
const VALUES: Record<string, (event: ErrorEvent) => Values> = {
  level: ({ level }) => [level],
  service: ({ service }) => [service],
  environment: ({ environment }) => [environment],
  release: ({ release }) => [release],
  user: ({ user }) => [user?.id, user?.email, user?.name],
  tenant: ({ tenant }) => [tenant],
  trace: ({ trace }) => [trace?.traceId],
  url: ({ request }) => [request?.url],
  route: ({ request }) => [request?.route],
  instance: ({ id, problem }) => [id, hexOf(id), `urn:uuid:${id}`, problem?.instance],
  'http.status': ({ request, problem }) => [(request?.status ?? problem?.status)?.toString()],
}

/** Whether a term asks for something that events have of their own. */
export function isOfEvents(term: SearchTerm): boolean {
  return term.kind === 'words' || Object.hasOwn(VALUES, term.key) || tagOf(term.key) !== undefined
}

/** Whether an event itself is what a term of that kind asks for. */
export function matchesEvent(event: ErrorEvent, term: SearchTerm): boolean {
  return isMatch(event, term) !== term.isNegated
}

function isMatch(event: ErrorEvent, term: SearchTerm): boolean {
  if (term.kind === 'words') return says(event, term.text)
  const values = valuesOf(event, term.key).filter((value) => value !== undefined && value !== '') as string[]
  if (term.kind === 'has') return values.length > 0
  return term.matches.some((match) => values.some((value) => isValue(value, match)))
}

function valuesOf(event: ErrorEvent, key: string): Values {
  const tag = tagOf(key)
  if (tag === undefined) return VALUES[key]?.(event) ?? []
  const tags = event.tags ?? {}
  return Object.hasOwn(tags, tag) ? [tags[tag]] : []
}

/** A pasted id is that of an event, or of a trace. */
function says(event: ErrorEvent, text: string): boolean {
  const hex = hexOf(text)
  if (hex !== undefined) {
    const ids = [event.id, event.problem?.instance ?? '', event.trace?.traceId ?? '']
    return ids.some((id) => hexOf(id) === hex)
  }
  const { message = '', exceptions, tags = {} } = event
  const frames = exceptions.flatMap((exception) => exception.frames.filter(({ inApp }) => inApp))
  const said = [
    message,
    ...exceptions.flatMap(({ type, message }) => [type, message]),
    ...frames.flatMap(({ function: name = '', file = '' }) => [name, file]),
    ...Object.values(tags),
  ]
  const words = new Set(said.flatMap((text) => wordsOf(text)))
  return wordsOf(text).every((word) => words.has(word))
}

function isValue(value: string, match: ValueMatch): boolean {
  if (match.kind === 'equals') return value.toLowerCase() === match.value.toLowerCase()
  if (match.kind === 'pattern') return fits(value.toLowerCase(), match.pattern.toLowerCase())
  return match.kind === 'compare' && isCompared(Number(value), match)
}

function isCompared(value: number, match: Extract<ValueMatch, { kind: 'compare' }>): boolean {
  if (match.operator === '>') return value > match.value
  if (match.operator === '>=') return value >= match.value
  return match.operator === '<' ? value < match.value : value <= match.value
}

/** Piece by piece from the left, without ever going back. */
function fits(value: string, pattern: string): boolean {
  const [head = '', ...pieces] = pattern.split('*')
  const tail = pieces.pop()
  if (tail === undefined) return value === head
  if (!value.startsWith(head)) return false
  let at = head.length
  for (const piece of pieces) {
    const found = value.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return value.endsWith(tail) && value.length - tail.length >= at
}
