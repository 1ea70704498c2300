import type { Redactor } from '@faultline/core/adapter'
import type { SourceContext } from '@faultline/protocol'
import { createMemory } from '../memory.js'
import { FILTERED } from './filtered.js'

/** A text in source; in a value of Python it is `'abc'` too. */
const LITERAL = /(["'`])((?:\\.|(?!\1)[^\\])+)\1/g
/** What gives a value: not a comparison, not an arrow. */
const GIVES = /(?:[^=!<>]=|[?:|+&])\s{0,20}$/
/** Longer lines are minified; nothing in them is a line of its own. */
const LINE_LENGTH = 1000
const NAME = /[A-Za-z_$][\w$-]*/g
/** How far before a literal its name is looked for. */
const REACH = 200

type KeysAndText = Pick<Redactor, 'text' | 'isSensitiveKey'>

/** Takes the secrets out of the source around a frame. Stacks repeat, so what came of one is remembered. */
export function createSourceFilter(redactor: KeysAndText): (context: SourceContext) => SourceContext {
  const remembered = createMemory<SourceContext | 'clean'>()
  return (context) => {
    const text = textOf(context)
    const filtered = remembered(text, () => {
      const changed = filterSource(context, text, redactor)
      return textOf(changed) === text ? 'clean' : changed
    })
    return filtered === 'clean' ? context : filtered
  }
}

// How many lines stand before it is part of what is remembered.
function textOf({ before, line, after }: SourceContext): string {
  return `${before.join('\n')}\n\0${line}\n\0${after.join('\n')}`
}

function filterSource({ before, line, after }: SourceContext, text: string, redactor: KeysAndText) {
  // Line by line, a key block would not be recognised.
  const isKeyBlock = /-----(?:BEGIN|END) /.test(text)
  const filter = (code: string) => (isKeyBlock ? FILTERED : redactor.text(withoutLiterals(code, redactor)))
  return { before: before.map(filter), line: filter(line), after: after.map(filter) }
}

/** Without what is given to a sensitive name: `process.env.SECRET ?? 'abc'`, `apiKey: string = 'abc'`. */
function withoutLiterals(code: string, { isSensitiveKey }: KeysAndText): string {
  if (code.length > LINE_LENGTH) return code
  return code.replace(LITERAL, (literal, quote: string, _said, at: number) => {
    const before = code.slice(Math.max(0, at - REACH), at)
    const statement = before.slice(
      Math.max(...[';', ',', '{', '}'].map((end) => before.lastIndexOf(end))) + 1,
    )
    const isGiven = GIVES.test(statement) && statement.match(NAME)?.some(isSensitiveKey)
    return isGiven ? `${quote}${FILTERED}${quote}` : literal
  })
}
