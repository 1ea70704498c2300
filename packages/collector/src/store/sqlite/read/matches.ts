import type { ValueMatch } from '../../search/search-query.js'
import { type Condition, where } from './condition.js'

/** A column equals a value or fits a pattern, in any case of ASCII letters: SQLite knows no other. */
export function isValue(column: string, match: ValueMatch): Condition {
  return match.kind === 'pattern'
    ? fits(column, match.pattern)
    : where(`${column} = ? COLLATE NOCASE`, textOf(match))
}

/** A column holds a text in any case, or as a whole fits a pattern. */
export function holdsText(column: string, match: ValueMatch): Condition {
  if (match.kind === 'pattern') return fits(column, match.pattern)
  return where(`${column} LIKE ? ESCAPE '\\'`, `%${escaped(textOf(match))}%`)
}

/** A column of numbers, or of times in milliseconds. */
export function isNumber(column: string, match: ValueMatch, now: number): Condition {
  if (match.kind === 'compare') return where(`${column} ${match.operator} ?`, match.value)
  if (match.kind === 'compareAge') return where(`${column} ${match.operator} ?`, now - match.ageMs)
  return where(`${column} = ?`, Number(textOf(match)))
}

/** The value that is asked for; none of our keys lets others through to where this is called. */
export function textOf(match: ValueMatch): string {
  if (match.kind === 'equals') return match.value
  return match.kind === 'pattern' ? match.pattern : ''
}

function fits(column: string, pattern: string): Condition {
  return where(`${column} LIKE ? ESCAPE '\\'`, escaped(pattern).replaceAll('*', '%'))
}

function escaped(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
