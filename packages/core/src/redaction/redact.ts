import { FILTERED } from './filtered.js'
import { createTextRedactor } from './redact-text.js'
import { type PathNode, safeCopy } from './safe-copy.js'
import { createKeyMatcher, wordsOf } from './sensitive-key.js'

/** What is filtered beyond the suite's own list. */
export interface RedactOptions {
  /** More key words, in any spelling: `taxNumber` also finds `tax_number` and `x-tax-number`. */
  keys?: readonly string[]
  /** Members by dotted path from the root, `request.headers.x-tenant` or `user.*.ssn`. */
  paths?: readonly string[]
  /** Why nothing at all is to be filtered. */
  off?: string
}

/** Replaces secrets by `[Filtered]`. Nothing of it ever throws, and doing it twice changes nothing. */
export interface Redactor {
  /** Text without the sensitive values in it. */
  text(text: string): string
  /** Whether the value of a key of this name is sensitive, by the whole words of the name. */
  isSensitiveKey(key: string): boolean
  /** A deep copy as plain data, without secrets, circles and getters; the input is left as it is. */
  value(value: unknown): unknown
}

/** Prepares the list once; use it for many values. */
export function createRedactor(options: RedactOptions = {}): Redactor {
  if (isOff(options)) {
    const rules = { text: (text: string) => text, isSensitiveKey: () => false, paths: [] }
    return { ...rules, value: (value) => safeCopy(value, rules) }
  }
  const keys = stringsOf(options?.keys)
  const isSensitiveKey = createKeyMatcher(keys)
  const redactText = createTextRedactor(keys, isSensitiveKey)
  const rules = { text: failClosed(redactText), isSensitiveKey, paths: treeOf(stringsOf(options?.paths)) }
  return { text: rules.text, isSensitiveKey, value: (value) => safeCopy(value, rules) }
}

const suiteRedactor = /* @__PURE__ */ createRedactor()

/**
 * A deep, safe copy of plain data in which what is sensitive reads `[Filtered]`: by the name of its key, or by the form
 * of the value, in text too.
 */
export function redact(value: unknown, options?: RedactOptions): unknown {
  return (options === undefined ? suiteRedactor : createRedactor(options)).value(value)
}

/** Every mistake in the options, for a check at start-up; empty when there is none. */
export function redactionProblems(options: unknown): string[] {
  if (options === undefined) return []
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return ['redact must be an object: { keys, paths } or { off: "reason" }']
  }
  const { keys, paths, off, ...unknown } = options as Record<string, unknown>
  const problems = Object.keys(unknown).map(
    (name) => `redact.${name} is not an option: there are keys, paths and off`,
  )
  problems.push(...listProblems('keys', keys, (key) => wordsOf(key).length > 0, 'a word'))
  problems.push(...listProblems('paths', paths, isPath, 'a dotted path such as user.*.ssn'))
  if (off !== undefined && (typeof off !== 'string' || off.trim() === '')) {
    problems.push('redact.off must say why nothing is to be filtered')
  }
  return problems
}

function listProblems(
  name: string,
  list: unknown,
  isValid: (entry: string) => boolean,
  what: string,
): string[] {
  if (list === undefined) return []
  if (!Array.isArray(list)) return [`redact.${name} must be an array of strings`]
  return list.flatMap((entry, at) =>
    typeof entry === 'string' && isValid(entry) ? [] : [`redact.${name}[${at}] must be ${what}`],
  )
}

function isPath(path: string): boolean {
  return path.split('.').every((name) => name !== '' && !/[\s[\]]/.test(name)) && /[^*.]/.test(path)
}

function isOff(options: RedactOptions): boolean {
  return typeof options?.off === 'string' && options.off.trim() !== ''
}

function stringsOf(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : []
}

function treeOf(paths: readonly string[]): PathNode[] {
  if (paths.length === 0) return []
  const root: PathNode = { isEnd: false, next: new Map() }
  for (const path of paths) {
    let node = root
    for (const name of path.toLowerCase().split('.')) {
      const next = node.next.get(name) ?? { isEnd: false, next: new Map() }
      node.next.set(name, next)
      node = next
    }
    node.isEnd = true
  }
  return [root]
}

// A text of tens of megabytes can exhaust the stack of a regular expression.
function failClosed(redactText: (text: string) => string): (text: string) => string {
  return (text) => {
    try {
      return redactText(text)
    } catch {
      return FILTERED
    }
  }
}
