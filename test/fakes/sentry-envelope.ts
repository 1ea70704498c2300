// https://develop.sentry.dev/sdk/foundations/envelopes/
import type { IncomingMessage } from 'node:http'
import { Refusal } from './collector-faults.ts'

export interface Envelope {
  header: { event_id?: string; dsn?: string }
  items: { type: string; payload: Buffer }[]
}

const newline = 10

/** @throws Refusal 400. */
export function readEnvelope(bytes: Buffer): Envelope {
  let at = 0
  const nextLine = () => {
    const found = bytes.indexOf(newline, at)
    const end = found === -1 ? bytes.length : found
    const line = bytes.subarray(at, end)
    at = end + 1
    return line
  }
  const header = parseHeader(nextLine()) as Envelope['header']
  const items: Envelope['items'] = []
  while (at < bytes.length) {
    const line = nextLine()
    if (line.length === 0) continue
    const { type, length } = parseHeader(line)
    const start = at
    const payload = length === undefined ? nextLine() : bytes.subarray(start, start + Number(length))
    if (length !== undefined) at = start + Number(length) + 1
    if (at > bytes.length + 1) throw new Refusal(400, 'An item of the envelope is shorter than it says.')
    items.push({ type: String(type), payload })
  }
  return { header, items }
}

/** Whether a request has the key, in any of the places where an SDK may put it. */
export function claimsKey(request: IncomingMessage, key: string, envelope?: Envelope): boolean {
  const { authorization } = request.headers
  if (envelope === undefined) return authorization === `Bearer ${key}`
  const sentryAuth = request.headers['x-sentry-auth'] ?? authorization
  const inHeader = /\bsentry_key=([^,\s]+)/.exec(String(sentryAuth))?.[1]
  const inQuery = /[?&]sentry_key=([^&]+)/.exec(request.url ?? '')?.[1]
  const inDsn = /\/\/([^:@/]+)/.exec(envelope.header.dsn ?? '')?.[1]
  return [inHeader, inQuery, inDsn].includes(key)
}

function parseHeader(line: Buffer): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(line.toString())
    if (typeof header === 'object' && header !== null) return header as Record<string, unknown>
  } catch {
    // said below
  }
  throw new Refusal(400, 'A header of the envelope is no JSON object.')
}
