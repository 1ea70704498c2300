/**
 * A thrown value, whatever it is. Every property is read at most once, and no getter, proxy trap or revoked proxy of it can throw
 * out of here: what cannot be read is `undefined`.
 */
export class Thrown {
  readonly value: unknown
  /** An `Error` of this or of another realm, a `DOMException`, or something that claims to be one. */
  readonly isError: boolean
  #reads: Map<PropertyKey, unknown> | undefined

  constructor(value: unknown) {
    this.value = value
    this.isError = isErrorLike(value)
  }

  /** A property, inherited ones included. */
  read(key: PropertyKey): unknown {
    this.#reads ??= new Map()
    if (this.#reads.has(key)) return this.#reads.get(key)
    const value = readProperty(this.value, key)
    this.#reads.set(key, value)
    return value
  }

  /** A property that is a text. */
  readText(key: PropertyKey): string | undefined {
    const value = this.read(key)
    return typeof value === 'string' ? value : undefined
  }

  has(key: PropertyKey): boolean {
    return this.read(key) !== undefined
  }

  hasOwn(key: PropertyKey): boolean {
    return isObject(this.value) && attempt(() => Object.hasOwn(this.value as object, key)) === true
  }

  prototype(): object | null | undefined {
    return isObject(this.value) ? attempt(() => Object.getPrototypeOf(this.value)) : undefined
  }

  /** The name of the class, `name` where that says more: `TypeError`, `PaymentDeclined`. */
  typeName(): string {
    const name = this.readText('name')
    if (name !== undefined && name !== '' && name !== 'Error') return name
    const ofClass = this.read('constructor')
    const className = typeof ofClass === 'function' ? attempt(() => ofClass.name) : undefined
    return typeof className === 'string' && className !== '' && className !== 'Object' ? className : 'Error'
  }
}

/** What `read` gives, or `undefined` where that throws. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/** One property of anything; `undefined` where it cannot be read. */
export function readProperty(value: unknown, key: PropertyKey): unknown {
  if (!isObject(value)) return undefined
  try {
    return (value as Record<PropertyKey, unknown>)[key]
  } catch {
    return undefined
  }
}

/** `[object Error]`, also of another realm. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value)
}

function isErrorLike(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  try {
    if (value instanceof Error) return true
    const tag = tagOf(value)
    return tag === '[object Error]' || tag === '[object DOMException]'
  } catch {
    return false
  }
}
