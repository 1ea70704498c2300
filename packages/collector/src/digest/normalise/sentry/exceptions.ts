import type { ExceptionRecord } from '@faultline/protocol'
import {
  anyText,
  compact,
  countOf,
  isEmpty,
  recordOf,
  recordsOf,
  type Said,
  textOf,
  without,
} from '../untrusted.js'
import { type Frames, framesOf } from './frames.js'
import { isByHand } from './mechanism.js'
import { isOwnMechanism } from './own-client.js'

/** What of a mechanism is kept elsewhere, or says nothing. */
const PLAIN_MECHANISM = new Set([
  'handled',
  'exception_id',
  'parent_id',
  'is_exception_group',
  'source',
  'synthetic',
])
/** `errors[0]`, `InnerExceptions[1]`: a member of a group, where `cause` and `__context__` are its cause. */
const MEMBER = /\[\d{1,9}\]$/
const CODE = new Set(['code'])
const TYPE_IN_VALUE = /^([A-Za-z_$][\w.$]{0,200}(?:Error|Exception)): ?/

/**
 * What was thrown, then its causes: Sentry has them in the opposite order. A message has none, unless it has a stack: then there is
 * one without a type.
 */
export function exceptionsOf(said: Said, message: string | undefined): ExceptionRecord[] {
  const platform = textOf(said.platform) ?? 'other'
  const chain = chainOf(said.exception)
  const exceptions = chain.map((one) => exceptionOf(one, platform))
  linkMembers(exceptions, chain)
  if (exceptions[0] !== undefined && exceptions[0].frames.length > 0) return exceptions

  const elsewhere = framesOf(stackElsewhere(said, chain[0]), platform)
  if (elsewhere.frames.length === 0) return exceptions
  const [thrown = { type: '', message: message ?? '', frames: [] }, ...causes] = exceptions
  return [withFrames(thrown, elsewhere), ...causes]
}

/** Those that say anything, what was thrown first. The oldest clients send a single one, in no list. */
function chainOf(said: unknown): Said[] {
  const single = recordOf(said)
  const chain = single !== undefined && single.values === undefined ? [single] : recordsOf(said)
  return chain.filter(isSaying).reverse()
}

function isSaying({ type, value, stacktrace }: Said): boolean {
  return !(isEmpty(type) && isEmpty(value) && isEmpty(stacktrace))
}

function exceptionOf(said: Said, platform: string): ExceptionRecord {
  const value = anyText(said.value) ?? ''
  const type = textOf(said.type)
  const typeInValue = type === undefined ? TYPE_IN_VALUE.exec(value.slice(0, 300)) : null
  const mechanism = recordOf(said.mechanism)
  const data = recordOf(mechanism?.data)
  const code = typeof data?.code === 'string' || typeof data?.code === 'number' ? data.code : undefined
  const exception = compact<ExceptionRecord>({
    type: type ?? typeInValue?.[1] ?? '',
    message: typeInValue === null ? value : value.slice(typeInValue[0].length),
    code,
    frames: [],
    meta: metaOf(said, mechanism),
  })
  return withFrames(exception, framesOf(said.stacktrace, platform))
}

function withFrames(exception: ExceptionRecord, { frames, variables }: Frames): ExceptionRecord {
  if (variables === undefined) return { ...exception, frames }
  return { ...exception, frames, meta: { ...exception.meta, vars: variables } }
}

function metaOf(said: Said, mechanism: Said | undefined): ExceptionRecord['meta'] {
  if (isOwnMechanism(mechanism?.type)) return without(recordOf(mechanism.data), CODE)
  const module = textOf(said.module)
  const rest = without(mechanism, PLAIN_MECHANISM)
  const isPlain = rest === undefined || (isByHand(rest.type) && Object.keys(rest).length === 1)
  if (module === undefined && isPlain) return undefined
  return compact({ module, mechanism: isPlain ? undefined : rest })
}

/**
 * An exception without `parent` is the cause of the one before it; Sentry's newer SDKs number theirs instead.
 * A parent further down is none: some versions of sentry-go count from the wrong end.
 * @see https://github.com/getsentry/rfcs/blob/main/text/0079-exception-groups.md
 */
function linkMembers(exceptions: ExceptionRecord[], chain: readonly Said[]): void {
  const mechanisms = chain.map((one) => recordOf(one.mechanism))
  const indexes = new Map(mechanisms.map((mechanism, index) => [countOf(mechanism?.exception_id), index]))
  for (const [index, exception] of exceptions.entries()) {
    const mechanism = mechanisms[index]
    const parentId = countOf(mechanism?.parent_id)
    const parent = parentId === undefined ? undefined : indexes.get(parentId)
    if (parent === undefined || parent >= index) continue
    const source = textOf(mechanism?.source)
    const isInGroup = mechanisms[parent]?.is_exception_group === true
    const isMember = source === undefined ? isInGroup : MEMBER.test(source)
    if (isMember || parent !== index - 1) exception.parent = parent
  }
}

/** The stack of a message, of an exception whose stack is its thread's, or of a client from before there were exceptions. */
function stackElsewhere(said: Said, thrown: Said | undefined): unknown {
  const threads = recordsOf(said.threads)
  const own = threads.find(({ id }) => id !== undefined && id !== null && id === thrown?.thread_id)
  const thread =
    own ??
    threads.find(({ crashed }) => crashed === true) ??
    (thrown === undefined ? (threads.find(({ current }) => current === true) ?? onlyOne(threads)) : undefined)
  return thread?.stacktrace ?? said.stacktrace
}

function onlyOne<Item>(list: readonly Item[]): Item | undefined {
  return list.length === 1 ? list[0] : undefined
}
