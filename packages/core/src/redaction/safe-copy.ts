import { FILTERED } from './filtered.js'

const DEPTH = 12
const VALUES = 50_000

/** How one tree of paths goes on below a member; `*` stands for any name. */
export interface PathNode {
  isEnd: boolean
  readonly next: Map<string, PathNode>
}

interface CopyRules {
  readonly text: (text: string) => string
  readonly isSensitiveKey: (key: string) => boolean
  readonly paths: readonly PathNode[]
}

interface CopyState extends CopyRules {
  readonly above: Set<object>
  left: number
}

/** A copy as plain data that JSON can hold, whatever the input does: getters that throw, circles, proxies. */
export function safeCopy(value: unknown, rules: CopyRules): unknown {
  const state = { ...rules, above: new Set<object>(), left: VALUES }
  return typeof value === 'string' ? rules.text(value) : copyValue('', value, rules.paths, state)
}

function copyValue(key: string, value: unknown, paths: readonly PathNode[], state: CopyState): unknown {
  switch (typeof value) {
    case 'string':
      return isAddress(key, value) ? value : state.text(value)
    case 'number':
      // A card number may come as one.
      return value > 1e12 && state.text(String(value)) === FILTERED ? FILTERED : value
    case 'bigint':
    case 'symbol':
      return state.text(String(value))
    case 'function':
      return '[Function]'
    case 'object':
      return value === null ? null : copyObject(value, paths, state)
    default:
      return value
  }
}

// A field that is an address is data, as `user.email` and `request.ip` are; one inside a sentence is a leak.
function isAddress(key: string, text: string): boolean {
  if (text.length > 254 || key === 'message' || key === 'msg') return false
  return /^(?:[^\s@:/]+@[a-z\d-]+(?:\.[a-z\d-]+)+|\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f:]*:[\da-f.]*)$/i.test(
    text,
  )
}

function copyObject(value: object, paths: readonly PathNode[], state: CopyState): unknown {
  if (state.above.has(value)) return '[Circular]'
  if (state.above.size >= DEPTH || state.left <= 0) return '[Truncated]'
  state.above.add(value)
  try {
    return copyMembers(value, paths, state)
  } catch {
    return '[Unreadable]'
  } finally {
    state.above.delete(value)
  }
}

function copyMembers(value: object, paths: readonly PathNode[], state: CopyState): unknown {
  if (Array.isArray(value)) return copyList(value, paths, state)
  if (value instanceof Map) return copyEntries(value.entries(), paths, state)
  if (value instanceof Set) return copyList([...value], paths, state)
  if (ArrayBuffer.isView(value)) return `[Binary: ${value.byteLength} bytes]`
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const json: unknown = value.toJSON()
    return json === value ? '[Circular]' : copyValue('', json, paths, state)
  }
  const copy = copyEntries(readEntries(value), paths, state)
  return value instanceof Error ? { ...copyEntries(errorEntries(value), paths, state), ...copy } : copy
}

function copyList(list: readonly unknown[], paths: readonly PathNode[], state: CopyState): unknown[] {
  const copy: unknown[] = []
  for (let at = 0; at < list.length; at++) {
    if (state.left-- <= 0) {
      copy.push('[Truncated]')
      break
    }
    copy.push(copyMember(String(at), list[at], paths, state))
  }
  return copy
}

function copyEntries(entries: Iterable<[unknown, unknown]>, paths: readonly PathNode[], state: CopyState) {
  const copy: Record<string, unknown> = {}
  for (const [name, value] of entries) {
    const key = String(name)
    if (key === '__proto__') continue
    if (state.left-- <= 0) break
    const isFiltered = value !== undefined && value !== null && state.isSensitiveKey(key)
    copy[key] = isFiltered ? FILTERED : copyMember(key, value, paths, state)
  }
  return copy
}

function copyMember(key: string, value: unknown, paths: readonly PathNode[], state: CopyState): unknown {
  if (paths.length === 0) return copyValue(key, value, paths, state)
  const below: PathNode[] = []
  for (const path of paths) {
    for (const node of [path.next.get(key.toLowerCase()), path.next.get('*')]) if (node) below.push(node)
  }
  return below.some((node) => node.isEnd) ? FILTERED : copyValue(key, value, below, state)
}

function* readEntries(value: object): Generator<[string, unknown]> {
  for (const key of Object.keys(value)) yield [key, readMember(value, key)]
}

function* errorEntries(error: Error): Generator<[string, unknown]> {
  for (const key of ['name', 'message', 'stack', 'cause']) {
    const member = readMember(error, key)
    if (member !== undefined) yield [key, member]
  }
}

function readMember(value: object, key: string): unknown {
  try {
    return value[key as never]
  } catch {
    return '[Unreadable]'
  }
}
