import { headerOf } from '../client/read-response.js'
import type { ReadTestResponse } from './test-response.js'

const MAX_SHOWN = 1000

/** What a test wants of a response. */
export interface WantedProblem {
  status: number
  body: Record<string, unknown>
}

/** Fails like `node:assert`, so that node:test, tap, vitest and jest print the difference of `actual` and `expected`. */
class ProblemMismatch extends Error {
  readonly code = 'ERR_ASSERTION'
  readonly operator = 'expectProblem'
  readonly generatedMessage = false

  constructor(
    message: string,
    readonly actual: unknown,
    readonly expected: unknown,
  ) {
    super(message)
    this.name = 'AssertionError'
  }
}

/** The error for a response that is no problem at all. */
export function noProblem(name: string, { status, headers, body }: ReadTestResponse): Error {
  const mediaType = headerOf(headers, 'content-type') ?? 'without content-type'
  const message = `Expected problem ${name}, but the response is no problem: ${status}, ${mediaType}\n${show(body)}`
  return new ProblemMismatch(message, mediaType, 'application/problem+json')
}

/** The error that names every member that is not as wanted; `undefined` when all are. */
export function mismatch(name: string, read: ReadTestResponse, wanted: WantedProblem): Error | undefined {
  const body = read.body as Record<string, unknown>
  const names = Object.keys(wanted.body)
  const found = { status: read.status, body: Object.fromEntries(names.map((key) => [key, body[key]])) }
  const lines = names
    .filter((key) => !isSame(found.body[key], wanted.body[key]))
    .map((key) => `  body.${key} is ${show(found.body[key])}, not ${show(wanted.body[key])}`)
  if (found.status !== wanted.status) lines.unshift(`  status is ${found.status}, not ${wanted.status}`)
  if (lines.length === 0) return undefined
  return new ProblemMismatch([`Expected problem ${name}:`, ...lines, show(body)].join('\n'), found, wanted)
}

/** Equality of JSON values, whatever the order of members. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  const keys = Object.keys(a)
  if (Array.isArray(a) !== Array.isArray(b) || keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && isSame(memberOf(a, key), memberOf(b, key)))
}

function memberOf(value: object, key: string): unknown {
  return (value as Record<string, unknown>)[key]
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, MAX_SHOWN)
}
