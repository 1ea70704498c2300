const MAX_KNOWN = 4000
/** Of one text. */
const MAX_LENGTH = 1024
/** Of all texts, in UTF-16 units. */
const MAX_KNOWN_LENGTH = 1_000_000

/**
 * Answers by text, made once for text that comes again and again. A full memory starts over: its texts take 2 MB at most, and so do its
 * answers where they are as long.
 */
export function createMemory<Answer>(): (text: string, make: () => Answer) => Answer {
  const known = new Map<string, Answer>()
  let knownLength = 0
  return (text, make) => {
    if (text.length > MAX_LENGTH) return make()
    let answer = known.get(text)
    if (answer !== undefined) return answer
    answer = make()
    knownLength += text.length
    if (known.size >= MAX_KNOWN || knownLength > MAX_KNOWN_LENGTH) {
      known.clear()
      knownLength = text.length
    }
    known.set(text, answer)
    return answer
  }
}
