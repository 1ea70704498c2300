import type { SQLInputValue, StatementSync } from 'node:sqlite'

/** More than that could be stored, and not be read again: node:sqlite throws. */
export const MOST_COUNTED = Number.MAX_SAFE_INTEGER

export const ADD = `ON CONFLICT DO UPDATE SET count = min(count + excluded.count, ${MOST_COUNTED})`

/** Adds up counts in memory, to write each sum once a transaction. */
export class Tally<Key extends SQLInputValue[]> {
  readonly #sums = new Map<string, { key: Key; count: number }>()

  add(key: Key, count: number): void {
    const name = JSON.stringify(key)
    const sum = this.#sums.get(name)
    if (sum === undefined) this.#sums.set(name, { key, count })
    else sum.count += count
  }

  sums(): Iterable<{ key: Key; count: number }> {
    return this.#sums.values()
  }

  /** @param upsert takes the parts of the key, then the count */
  flush(upsert: StatementSync): void {
    for (const { key, count } of this.#sums.values()) upsert.run(...key, count)
    this.clear()
  }

  clear(): void {
    this.#sums.clear()
  }
}
