import type { ErrorEvent, StackFrame } from '@faultline/protocol'
import type { PreparedEvent } from '../../store/store.js'

const TITLE_LENGTH = 200
const NAMELESS = /^(?:\?|<anonymous>)?$/

/** What an event is called in a list. */
export function describe(event: ErrorEvent): Pick<PreparedEvent, 'title' | 'type' | 'message' | 'culprit'> {
  const [thrown] = event.exceptions
  const type = thrown?.type ?? ''
  const message = thrown?.message || event.message || ''
  return { title: titleOf(event, type, message), type, message, culprit: culpritOf(event) }
}

function titleOf({ problem, level }: ErrorEvent, type: string, message: string): string {
  const said = firstLine(message)
  const title = type === '' || said === '' ? type + said : `${type}: ${said}`
  const [line] = [title, firstLine(problem?.title ?? ''), `No message (${level})`].filter(
    (text) => text !== '',
  )
  return cut(line ?? '')
}

function firstLine(text: string): string {
  const start = text.search(/\S/)
  if (start === -1) return ''
  // Read only as far as a title goes: a message may be long.
  const line = text.slice(start, start + 2 * TITLE_LENGTH).split(/[\r\n\u2028\u2029]/, 1)[0] ?? ''
  return line.replace(/[\p{Cc}\s]+/gu, ' ').trim()
}

function cut(text: string): string {
  if (text.length <= TITLE_LENGTH) return text
  const isInPair = /[\uD800-\uDBFF]/.test(text.charAt(TITLE_LENGTH - 2))
  return `${text.slice(0, TITLE_LENGTH - (isInPair ? 2 : 1))}…`
}

function culpritOf({ exceptions, request }: ErrorEvent): string {
  for (const { frames } of exceptions) {
    const place = frames.find(({ inApp, file, function: name }) => inApp && (file || name))
    if (place !== undefined) return placeOf(place)
  }
  return request?.route ?? ''
}

function placeOf({ function: name = '', file = '' }: StackFrame): string {
  if (NAMELESS.test(name)) return file
  return file === '' ? name : `${name} (${file})`
}
