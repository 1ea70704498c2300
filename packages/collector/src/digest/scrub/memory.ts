const MAX_KNOWN = 4000
const MAX_LENGTH = 1024

/** Answers by text, made once for text that comes again and again. At most about 4 MB: a full memory starts over. */
export function createMemory<Answer>(): (text: string, make: () => Answer) => Answer {
  const known = new Map<string, Answer>()
  return (text, make) => {
    if (text.length > MAX_LENGTH) return make()
    let answer = known.get(text)
    if (answer !== undefined) return answer
    answer = make()
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(text, answer)
    return answer
  }
}
