import type { StackFrame } from '@faultline/protocol'
import { countOf, type Said, textOf } from '../untrusted.js'

/** A browser's report, whatever it is about. */
export interface SecurityReport {
  type: string
  message: string
  fingerprint: string[]
  tags: Record<string, string>
  /** Of the page, without the query. */
  url?: string
  frames: StackFrame[]
  /** As it was sent. */
  details: Said
  userAgent?: string
  /** RFC 3339, where the report has a time. */
  at?: string
  /** How long it has waited since. */
  ageMs: number
}

/** Where in a script it happened: both spellings. */
export function frameOf(body: Said): StackFrame[] {
  const file = withoutQuery(textOf(body.sourceFile) ?? textOf(body['source-file']))
  if (file === undefined) return []
  const line = countOf(body.lineNumber ?? body['line-number'])
  const column = countOf(body.columnNumber ?? body['column-number'])
  return [{ file, inApp: true, ...(line !== undefined && { line }), ...(column !== undefined && { column }) }]
}

export function withoutQuery(url: string | undefined): string | undefined {
  return url?.replace(/[?#].*$/s, '')
}
