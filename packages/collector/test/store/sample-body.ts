import { createHash } from 'node:crypto'
import type { ErrorEvent } from '@faultline/protocol'
import type { DigestedBody, PreparedEvent } from '../../src/store/store.js'
import * as digested from './digested.js'

export const NOW = digested.NOON

/** 32 hexadecimal digits. */
export function idOf(name: string): string {
  return createHash('md5').update(name).digest('hex')
}

export interface SampleEvent extends Partial<ErrorEvent> {
  issue?: string
  at?: number
  type?: string
  text?: string
  severity?: PreparedEvent['severity']
}

/** What digest makes of an event that is called so, and belongs to an issue that is called so. */
export function prepared(name: string, sample: SampleEvent = {}): PreparedEvent {
  const { issue = 'pay', at = NOW, severity = 'high', type = 'TypeError', text, ...members } = sample
  const frames = [{ function: `do_${issue}`, file: `src/${issue}.ts`, line: 3, inApp: true }]
  const event = digested.anEvent(0, {
    id: idOf(name),
    occurredAt: new Date(at).toISOString(),
    service: 'orders',
    exceptions: [{ type, message: text ?? `cannot ${issue}`, frames }],
    ...members,
  })
  const fingerprint = { version: 1, hash: idOf(`issue ${issue}`), values: [type, issue] }
  return digested.prepared(event, { fingerprint, severity, culprit: `do_${issue} in src/${issue}.ts` })
}

/** A body with these events, and whatever else is said. */
export function body(
  position: number,
  events: PreparedEvent[],
  more: Partial<DigestedBody> = {},
): DigestedBody {
  return digested.aBody(position, { events, ...more })
}
