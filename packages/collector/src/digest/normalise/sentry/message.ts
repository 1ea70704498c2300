import { EVENT_LIMITS } from '@faultline/protocol'
import { anyText, clip, listOf, recordOf, type Said, textOf } from '../untrusted.js'

/** UTF-16 units of a parameter that is put into a message. */
const PARAMETER_LENGTH = 1024
/** `%s`, `%5.2f`, `%(name)s`, `{}`, `{0}`, `{Name}`, `{0:N2}`. */
const PLACE =
  /%%|%(?:\((\w{1,64})\))?[-+ #0]?\d{0,3}(?:\.\d{1,3})?[sdifrxX]|\{([\w.]{0,64})(?::[^{}]{0,16})?\}/g

export interface Message {
  text?: string
  /** The same without its parameters, where the client knew it. */
  template?: string
}

/** The message of an event, from `message` (a text, or what `logentry` is) or `logentry: { formatted, message, params }`. */
export function messageOf(said: Said): Message {
  const entry = recordOf(said.logentry) ?? recordOf(said.message)
  const template = textOf(entry?.message) ?? textOf(said.logentry)
  const text = textOf(entry?.formatted) ?? textOf(said.message) ?? filledIn(template, entry?.params)
  if (text === undefined) return {}
  return template === undefined || template === text ? { text } : { text, template }
}

/** Older Python SDKs send no formatted message. */
function filledIn(template: string | undefined, params: unknown): string | undefined {
  if (template === undefined || typeof params !== 'object' || params === null) return template
  const named = recordOf(params)
  const list = named === undefined ? listOf(params) : []
  let next = 0
  return clip(template, EVENT_LIMITS.messageLength).replace(PLACE, (place, percentName, braceName) => {
    if (place === '%%') return '%'
    const name: string = percentName ?? braceName ?? ''
    const isNamed = named !== undefined && Object.hasOwn(named, name)
    const value = isNamed ? named[name] : list[/^\d+$/.test(name) ? Number(name) : next++]
    const text = value === null ? 'null' : anyText(value)
    return text === undefined ? place : clip(text, PARAMETER_LENGTH)
  })
}
