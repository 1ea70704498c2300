import { createHash } from 'node:crypto'
import type { ErrorEvent } from '@faultline/protocol'
import type { DigestedBody, PreparedEvent } from '../../src/store/store.js'

export const NOW = Date.parse('2026-11-23T12:00:00Z')

/** 32 hexadecimal digits. */
export function idOf(name: string): string {
  return createHash('md5').update(name).digest('hex')
}

/** What digest makes of an event: its type and message decide which issue it belongs to. */
export function prepared(
  name: string,
  { issue = 'pay', at = NOW, severity = 'high' as const, ...event }: SampleEvent = {},
): PreparedEvent {
  const [type, message] = [event.type ?? 'TypeError', event.text ?? `cannot ${issue}`]
  const { type: _, text: __, ...members } = event
  return {
    event: {
      id: idOf(name),
      occurredAt: new Date(at).toISOString(),
      level: 'error',
      handled: false,
      mechanism: 'http',
      platform: 'node',
      service: 'orders',
      environment: 'production',
      exceptions: [
        {
          type,
          message,
          frames: [{ function: `do_${issue}`, file: `src/${issue}.ts`, line: 3, inApp: true }],
        },
      ],
      sdk: { name: '@faultline/node', version: '0.1.0' },
      ...members,
    },
    protocol: 'faultline',
    scrubbed: [],
    fingerprint: { version: 1, hash: idOf(`issue ${issue}`), values: [type, issue] },
    severity,
    title: `${type}: ${message}`,
    type,
    message,
    culprit: `do_${issue} in src/${issue}.ts`,
  }
}

export interface SampleEvent extends Partial<ErrorEvent> {
  issue?: string
  at?: number
  type?: string
  text?: string
}

/** A body with these events, and whatever else is said. */
export function body(
  position: number,
  events: PreparedEvent[],
  more: Partial<DigestedBody> = {},
): DigestedBody {
  return {
    position,
    projectId: 1,
    protocol: 'faultline',
    receivedAt: NOW,
    events,
    repeats: [],
    requests: [],
    dropped: [],
    outcomes: [],
    dead: [],
    attachments: [],
    feedback: [],
    ...more,
  }
}
