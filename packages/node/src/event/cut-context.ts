import type { SourceContext } from '@faultline/protocol'
import { redactSource } from './redact-source.js'

const LINES_AROUND = 5
const LINE_LENGTH = 300
/** So much more is redacted on both sides of what is shown, for a cut secret is no longer known as one. */
const MARGIN = 700
/** A line out of a key, or of other encoded data, whose beginning lies further up. */
const ENCODED_LINE = /^[\s"'`]*[\w+/=-]{60,}(?:\\n)?["'`]?[,;+\s]{0,4}$/

/** The source around a place, redacted; `undefined` where the file has no such line. Long lines are cut, the first around the column. */
export function cutContext(
  lines: readonly string[],
  place: { line: number; column?: number | undefined },
): SourceContext | undefined {
  const at = place.line - 1
  const line = lines[at]
  if (line === undefined) return undefined
  return {
    before: redactLines(lines.slice(Math.max(0, at - LINES_AROUND), at)),
    line: lineAround(line, place.column ?? 1),
    after: redactLines(lines.slice(at + 1, at + 1 + LINES_AROUND)),
  }
}

/** Together, for a secret may have several lines; it leaves fewer then. */
function redactLines(lines: readonly string[]): string[] {
  if (lines.length === 0) return []
  const text = lines.map((line) => withoutEncoded(line.slice(0, LINE_LENGTH + MARGIN))).join('\n')
  return redactSource(text)
    .split('\n')
    .map((line) => clip(line, 0))
}

function lineAround(line: string, column: number): string {
  if (line.length <= LINE_LENGTH) return redactSource(withoutEncoded(line.trimEnd()))
  const start = Math.max(0, Math.min(column - 1, line.length) - LINE_LENGTH / 2)
  const wideStart = Math.max(0, start - MARGIN)
  return clip(redactSource(line.slice(wideStart, start + LINE_LENGTH + MARGIN)), start - wideStart)
}

function clip(line: string, start: number): string {
  const trimmed = line.trimEnd()
  if (trimmed.length <= LINE_LENGTH) return trimmed
  const end = start + LINE_LENGTH
  return `${start > 0 ? '…' : ''}${trimmed.slice(start, end)}${end < trimmed.length ? '…' : ''}`
}

function withoutEncoded(line: string): string {
  return ENCODED_LINE.test(line) ? '[Filtered]' : line
}
