/** The values that were used last. It holds up to twice `size`: when that many are new, what was not used since is forgotten. */
export class RecentCache<Value> {
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()
  readonly #size: number

  constructor(size: number) {
    this.#size = size
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key)
  }

  get(key: string): Value | undefined {
    if (this.#young.has(key) || !this.#old.has(key)) return this.#young.get(key)
    const value = this.#old.get(key) as Value
    this.set(key, value)
    return value
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#size) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }
}
