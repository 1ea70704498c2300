import { redact } from '@faultline/core'

const FILTERED = '[Filtered]'
/** How far before a text its name is looked for. */
const REACH = 200
const LITERAL = /(["'`])((?:\\.|(?!\1)[^\\\n])+)\1/g
/** What gives a value or combines several: not a comparison, not an arrow. */
const GIVES = /(?:[^=!<>]=|[?:|+&])\s*$/
const NAME = /[A-Za-z_$][\w$-]*/g

/**
 * Source text without the texts in it that are given to a sensitive name, as in `process.env.SECRET ?? 'abc'` or
 * `apiKey: string = 'abc'`, and without what core filters in any text.
 */
export function redactSource(text: string): string {
  const hidden = text.replace(LITERAL, (literal, quote: string, _said, at: number) => {
    const before = statementBefore(text, at)
    return GIVES.test(before) && isSensitive(before) ? `${quote}${FILTERED}${quote}` : literal
  })
  return redact(hidden) as string
}

/** What stands before a place, back to where something else ends; over lines while they go on. */
function statementBefore(text: string, end: number): string {
  const from = Math.max(0, end - REACH)
  let start = end
  while (start > from && !/[;,{}\n]/.test(text.charAt(start - 1))) start--
  const isContinued = text.charAt(start - 1) === '\n' && GIVES.test(text.slice(from, start))
  return text.slice(isContinued ? text.lastIndexOf('\n', start - 2) + 1 : start, end)
}

/** By the suite's own list. */
function isSensitive(text: string): boolean {
  const names = text.match(NAME) ?? []
  return Object.values(redact(Object.fromEntries(names.map((name) => [name, 1]))) as object).includes(
    FILTERED,
  )
}
