const WORD = /^[\w.-]{1,64}$/

/** What a client calls something, as far as it is a word: it becomes a row of the books. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' && WORD.test(value) ? value : 'unknown'
}
