import type { SourceContext } from '@faultline/protocol'
import { filterQuery, filterText } from './encoded.js'
import { FILTERED } from './filtered.js'
import { MAX_DEPTH, MAX_PATHS } from './limits.js'
import { type Rule, type Rules, ruleOf } from './member-rules.js'

/** Of one name in a path. */
const NAME_LENGTH = 64
/** Card numbers begin here, and the milliseconds of this century end before. */
const LEAST_CARD_NUMBER = 4e12
const RAW_HEADERS = /raw[-_]?headers$/i

/** What knows a secret. */
export interface Filters {
  text(text: string): string
  /** Of text that comes again and again. */
  repeated(text: string): string
  source(context: SourceContext): SourceContext
  /** @returns `undefined` where it is left out */
  address(text: string, rule: 'email' | 'ip' | 'person'): string | undefined
  isSensitiveKey(key: string): boolean
  /** Whether configuration says that it stays as it is. */
  isExcepted(path: readonly string[]): boolean
}

/** Without anybody's name and password. */
const ORIGIN = /^[a-z][a-z\d+.-]{0,20}:\/\/[^/?#@\s]{1,300}(?=[/?#]|$)/i

type Members = Record<string, unknown>

/** One walk through one event, which copies what changes and only that. */
export class Walk {
  /** Paths of what was replaced. */
  readonly scrubbed: string[] = []
  readonly #filters: Filters
  readonly #path: string[] = []

  constructor(filters: Filters) {
    this.#filters = filters
  }

  /** @returns the very same where nothing changes, `undefined` where it is left out */
  value(value: unknown, rule: Rule | undefined): unknown {
    if (typeof value === 'string') return this.#text(value, rule)
    if (typeof value === 'number') return this.#number(value)
    if (typeof value !== 'object' || value === null) return value
    if (this.#path.length > MAX_DEPTH) return this.#replaced(value, FILTERED)
    if (rule === 'source' && isSource(value)) return this.#replaced(value, this.#filters.source(value))
    const rules = typeof rule === 'object' ? rule : undefined
    return Array.isArray(value) ? this.#items(value, rules) : this.#members(value as Members, rules)
  }

  #text(text: string, rule: Rule | undefined): unknown {
    const filters = this.#filters
    switch (rule) {
      case 'email':
      case 'ip':
      case 'person':
        return this.#replaced(text, filters.address(text, rule))
      case 'repeated':
        return this.#replaced(text, filters.repeated(text))
      case 'file': // `https://ann:pw@cdn.example/app.js?token=…`
        return hasMoreThanPath(text) ? this.#url(text) : text
      case 'url':
        return this.#url(text)
      default:
        return this.#replaced(text, filterText(text, filters.text))
    }
  }

  #url(url: string): unknown {
    const origin = ORIGIN.exec(url)?.[0] ?? ''
    return this.#replaced(url, origin + filterQuery(url.slice(origin.length), this.#filters.text))
  }

  #number(value: number): unknown {
    if (value < LEAST_CARD_NUMBER) return value
    const digits = String(value)
    return this.#filters.text(digits) === digits ? value : this.#replaced(value, FILTERED)
  }

  #items(items: unknown[], rules: Rules | undefined): unknown[] {
    let copy: unknown[] | undefined
    const isFlat = rules === undefined && RAW_HEADERS.test(this.#path.at(-1) ?? '')
    for (let at = 0; at < items.length; at++) {
      const before = items[at]
      const key = isFlat && at % 2 === 1 ? items[at - 1] : undefined
      const after = this.#member({ name: String(at), key, value: before, rule: rules?.get('*') })
      if (after === before) continue
      copy ??= items.slice()
      copy[at] = after ?? null
    }
    const shown = copy ?? items
    return rules === undefined && isPair(shown) ? this.#pair(shown) : shown
  }

  /** `["authorization", "Basic …"]`, as an item of a list. */
  #pair(items: unknown[]): unknown[] {
    const [key, value] = items
    if (!/^\d+$/.test(this.#path.at(-1) ?? '')) return items
    const after = this.#member({ name: '1', key, value, rule: undefined })
    return after === value ? items : [key, after ?? null]
  }

  #members(members: Members, rules: Rules | undefined): Members {
    let copy: Members | undefined
    for (const name in members) {
      const rule = ruleOf(rules, name)
      if (rule === 'ours' || rule === 'keep') continue
      const value = members[name]
      const key = name === 'value' && rules === undefined ? labelOf(members) : name
      const shown = this.#nameShown(name, rule)
      const after = name === '__proto__' ? undefined : this.#member({ name: shown, key, value, rule })
      if (after === value && shown === name) continue
      copy ??= { ...members }
      if (after === undefined || shown !== name) delete copy[name]
      if (after !== undefined) copy[shown] = after
    }
    return copy ?? members
  }

  /** A name of the application's own may be an address or a card number. */
  #nameShown(name: string, rule: Rule | undefined): string {
    return rule === undefined && /\d{4}|[@:=]/.test(name) ? this.#filters.text(name) : name
  }

  /** @param member its `key` tells whether its value is sensitive */
  #member(member: { name: string; key: unknown; value: unknown; rule: Rule | undefined }): unknown {
    const { name, key, value, rule } = member
    this.#path.push(name)
    const isSecret =
      typeof key === 'string' && value !== null && value !== undefined && this.#filters.isSensitiveKey(key)
    const after = isSecret ? this.#replaced(value, FILTERED) : this.value(value, rule)
    this.#path.pop()
    return after
  }

  #replaced<Value>(before: unknown, after: Value): Value | unknown {
    if (before === after || this.#filters.isExcepted(this.#path)) return before
    if (this.scrubbed.length < MAX_PATHS) {
      this.scrubbed.push(this.#path.map((name) => name.slice(0, NAME_LENGTH)).join('.'))
    }
    return after
  }
}

function hasMoreThanPath(file: string): boolean {
  return file.includes('?') || (file.includes('//') && file.includes('@'))
}

function isPair(items: readonly unknown[]): boolean {
  return items.length === 2 && typeof items[0] === 'string'
}

/** `{ "name": "authorization", "value": "Basic …" }` */
function labelOf({ name, key }: Members): unknown {
  return typeof name === 'string' ? name : typeof key === 'string' ? key : 'value'
}

function isSource(value: object): value is SourceContext {
  const { before, line, after } = value as Partial<SourceContext>
  return typeof line === 'string' && isTexts(before) && isTexts(after)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
