import { hash } from 'node:crypto'
import type { ErrorEvent, ExceptionRecord, StackFrame } from '@faultline/protocol'
import type { Fingerprint } from '../../store/store.js'
import { frameValue, lineValue } from './frame-value.js'
import { parameterise } from './parameterise.js'

const VERSION = 1
/** Engines cut a stack at different lengths; what matters is near its top. */
const MAX_FRAMES = 8
const MAX_EXCEPTIONS = 10
const MAX_VALUES = 100
const VALUE_LENGTH = 500
const DEFAULT = /^\{\{\s*default\s*\}\}$/

/** Which issue an event belongs to, by version 1 of the rules: the first that applies decides. */
export function fingerprintOf(event: ErrorEvent): Fingerprint {
  const values = (explicit(event) ?? byDefault(event)).slice(0, MAX_VALUES)
  const cut = values.map((value) => value.slice(0, VALUE_LENGTH))
  return { version: VERSION, hash: hash('sha1', [VERSION, ...cut].join('\0')).slice(0, 32), values: cut }
}

/** What the client says; `{{ default }}` stands for what would have been taken. */
function explicit(event: ErrorEvent): string[] | undefined {
  if (event.fingerprint === undefined || event.fingerprint.length === 0) return undefined
  let taken: string[] | undefined
  return event.fingerprint.slice(0, MAX_VALUES).flatMap((value) => {
    if (!DEFAULT.test(value)) return [value]
    taken ??= byDefault(event)
    return taken
  })
}

function byDefault(event: ErrorEvent): string[] {
  // One without a class is a message, and its stack tells only where it was sent.
  const thrown = event.exceptions.filter(({ type }) => type !== '').slice(0, MAX_EXCEPTIONS)
  return byStacks(thrown, inApp) ?? byStacks(thrown, all) ?? byMessage(event)
}

function inApp(frame: StackFrame): boolean {
  return frame.inApp
}

function all(): boolean {
  return true
}

/** Class and frames of every exception of the chain, if a frame of any says something. */
function byStacks(
  chain: readonly ExceptionRecord[],
  isChosen: (frame: StackFrame) => boolean,
): string[] | undefined {
  const stacks = chain.map(({ frames }) => stackValues(frames, isChosen))
  if (stacks.every((stack) => stack.length === 0)) return undefined
  const parts = chain.map(({ type }, at) => [type, ...(stacks[at] ?? [])])
  return parts.filter((part, at) => at === 0 || !isSame(part, parts[at - 1])).flat()
}

function isSame(one: readonly string[], other: readonly string[] | undefined): boolean {
  return one.length === other?.length && one.every((value, at) => value === other[at])
}

/** From the innermost outwards, each once: however deep a recursion was. */
function stackValues(frames: readonly StackFrame[], isChosen: (frame: StackFrame) => boolean): string[] {
  const values = new Set<string>()
  let line = ''
  for (const frame of frames) {
    if (!isChosen(frame)) continue
    const value = frameValue(frame)
    if (value === '') continue
    if (values.size === 0) line = lineValue(frame)
    values.add(value)
    if (values.size === MAX_FRAMES) break
  }
  const [innermost, ...outer] = values
  if (innermost === undefined) return []
  return line === '' ? [innermost, ...outer] : [`${innermost}: ${line}`, ...outer]
}

function byMessage({ exceptions: [thrown], message }: ErrorEvent): string[] {
  const said = parameterise(firstOf(thrown?.message, message))
  return thrown === undefined || thrown.type === '' ? [said] : [thrown.type, said]
}

function firstOf(...texts: (string | undefined)[]): string {
  return texts.find((text) => text !== undefined && text !== '') ?? ''
}
