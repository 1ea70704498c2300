import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { STATUS_CODES } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import type { Answer } from './ask.js'
import type { Stage } from './case.js'
import type { LogLine } from './log-memory.js'
import { levels } from './log-memory.js'
import type { Service } from './start-service.js'

/** Something of the inside reached the client, the log or the report. */
/** The list says 50 ms; on two busy cores everything takes up to three times as long, and running away takes seconds. */
export const blockedMsAtMost = 150

export class Leak extends assert.AssertionError {}

const uuidUrn = /^urn:uuid:[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/
const completeByteCount = (answer: Answer) => Number(answer.headers['content-length'] ?? answer.bytes.length)

/** Asserts a complete problem+json answer of this status, and members beside it. */
export function isProblem(answer: Answer, status: number, members: Record<string, unknown> = {}): void {
  assert.equal(answer.status, status, answer.text.slice(0, 500))
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json\b/)
  assert.equal(answer.bytes.length, completeByteCount(answer))
  assert.ok(!Array.isArray(answer.body))
  assert.equal(answer.body.status, status)
  assert.equal(typeof answer.body.type, 'string')
  assert.equal(typeof answer.body.title, 'string')
  assert.equal(typeof answer.body.instance, 'string')
  for (const [name, value] of Object.entries(members)) assert.deepEqual(answer.body[name], value, name)
}

// Node's table has two phrases of before RFC 9110.
const phrases: Record<number, string | undefined> = {
  ...STATUS_CODES,
  413: 'Content Too Large',
  422: 'Unprocessable Content',
}

/** Asserts an `about:blank` problem whose title is the phrase of its status. */
export function isPlainProblem(answer: Answer, status: number): void {
  isProblem(answer, status, { type: 'about:blank', title: phrases[status] })
}

/** Asserts a 500 that says nothing of the error. */
export function isGeneric500(answer: Answer): void {
  isPlainProblem(answer, 500)
  const { type, title, status, instance, traceId, ...rest } = answer.body
  assert.match(String(instance), uuidUrn)
  assert.deepEqual(rest, {})
}

/** Asserts the body of `documents/{name}.json`, in which `<instance>` stands for any UUID. */
export async function isDocument(answer: Answer, name: string): Promise<void> {
  const expected = JSON.parse(await readFile(`test/golden/documents/${name}.json`, 'utf8'))
  isProblem(answer, expected.status)
  const { traceId, ...body } = answer.body
  if (uuidUrn.test(String(body.instance))) body.instance = '<instance>'
  assert.deepEqual(body, expected)
}

/** Waits for a condition; throws when it does not come true. */
export async function until(condition: () => boolean, what: string, timeoutMs = 5_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`)
    await setImmediate()
  }
}

/** Records of errors, without the framework's own line about the finished request (which may repeat the error). */
export function errorRecords(service: Service): LogLine[] {
  return service.logs.filter((line) => line.err !== undefined && line.responseTime === undefined)
}

/** Waits until the service has logged the end of `requests` requests, and whatever it does just after. */
export async function requestsEnded(service: Service, requests = 1): Promise<void> {
  const ended = () => service.logs.filter((line) => line.responseTime !== undefined).length
  await until(() => ended() >= requests, `the log line of ${requests} ended requests`)
  for (let turn = 0; turn < 5; turn++) await setImmediate()
}

/** Asserts that one request left exactly one record of an error, and that it names the original. */
export async function loggedOnce(service: Service, original: RegExp, level?: number): Promise<LogLine> {
  await until(() => errorRecords(service).length > 0, 'a log record with the error')
  await requestsEnded(service)
  const records = errorRecords(service)
  assert.equal(records.length, 1, `logged ${records.length} times: ${records.map((r) => r.msg).join(' | ')}`)
  const [record] = records as [LogLine]
  assert.match(`${record.err?.type}: ${record.err?.message}`, original)
  if (level !== undefined) assert.equal(record.level, level, 'log level')
  return record
}

/** Asserts that a text of the answer's head or body, the log and the reports is nowhere. */
export function isSecret(secret: string, { answer, service }: { answer?: Answer; service?: Service }): void {
  if (answer) notIn(JSON.stringify(answer.headers) + answer.text, secret, 'answer')
  if (service) notIn(service.logs.map((line) => line.text).join('\n'), secret, 'log')
  if (service) notIn(JSON.stringify(service.reports.map(({ thrown, ...report }) => report)), secret, 'report')
}

function notIn(text: string, secret: string, where: string): void {
  if (!text.includes(secret)) return
  throw new Leak({ message: `${JSON.stringify(secret)} is in the ${where}: ${text.slice(0, 2_000)}` })
}

/** What was warned of, in the log or through `process.emitWarning`. */
export async function warnings(stage: Stage, service?: Service): Promise<string[]> {
  await setImmediate()
  const logged = service?.logs.filter((line) => line.level === levels.warn && line.err === undefined) ?? []
  return [...stage.processWarnings, ...logged.map((line) => line.text)]
}

/** Asserts exactly one warning that matches. */
export async function warnedOnce(stage: Stage, pattern: RegExp, service?: Service): Promise<void> {
  const all = await warnings(stage, service)
  const matching = all.filter((text) => pattern.test(text))
  assert.equal(matching.length, 1, `warnings matching ${pattern}: ${JSON.stringify(all)}`)
}
