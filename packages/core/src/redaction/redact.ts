import { JsonBudget } from '../thrown/json-budget.js'
import { type Filter, plainJson } from '../thrown/plain-json.js'
import { isObject } from '../thrown/thrown.js'
import { FILTERED } from './filtered.js'
import { hidePaths, pathOf } from './hide-paths.js'
import { createTextRedactor } from './redact-text.js'
import { createKeyMatcher, wordsOf } from './sensitive-key.js'

/** What is filtered beyond the suite's own list. */
export interface RedactOptions {
  /** More key words, in any spelling: `taxNumber` also finds `tax_number` and `x-tax-number`. */
  keys?: readonly string[]
  /**
   * Members by dotted path, `*` for any name. It begins at the root of what is redacted: of a report (`request.headers.x-tenant`,
   * `user.*.ssn`, `tags.plan`), of a log record (`err.config.internal`), of what `redact` is given.
   */
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
  /** Plain data that is redacted otherwise, without what the paths lead to. The very same where there are none. */
  hide<Data>(data: Data): Data
}

const COPY_BYTES = 1_048_576
const NO_FILTER: Filter = { text: (text) => text, isSensitiveKey: () => false }
const SUITE: RedactOptions = {}
const made = new WeakMap<object, Redactor>()

/** The redactor of these options, which are read once; by default of the suite's own list. */
export function createRedactor(options?: RedactOptions): Redactor {
  const key = isObject(options) ? options : SUITE
  let redactor = made.get(key)
  if (redactor === undefined) {
    redactor = redactorOf(key)
    made.set(key, redactor)
  }
  return redactor
}

/**
 * A deep, safe copy of plain data in which what is sensitive reads `[Filtered]`: by the name of its key, or by the form
 * of the value, in text too. What JSON cannot say is left out, and so is what goes beyond 1 MiB.
 */
export function redact(value: unknown, options?: RedactOptions): unknown {
  const redactor = createRedactor(options)
  return redactor.hide(plainJson(value, new JsonBudget(COPY_BYTES), redactor))
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

function redactorOf({ keys: extraKeys, paths: dotted, off }: RedactOptions): Redactor {
  const isOff = typeof off === 'string' && off.trim() !== ''
  const keys = stringsOf(extraKeys)
  const paths = isOff ? [] : stringsOf(dotted).map(pathOf)
  const isSensitiveKey = createKeyMatcher(keys)
  const filter = isOff
    ? NO_FILTER
    : { text: failClosed(createTextRedactor(keys, isSensitiveKey)), isSensitiveKey }
  return { ...filter, hide: (data) => (paths.length === 0 ? data : hidePaths(data, paths)) }
}

function stringsOf(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : []
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
