import { createHash } from 'node:crypto'
import type { ErrorEvent } from '@faultline/protocol'
import type { DigestedBody, PreparedEvent } from '../../src/store/store.js'

/** Monday noon: what tests count their times from. */
export const NOON = Date.parse('2026-11-23T12:00:00Z')

/** Different for each number. */
export function eventId(number: number): string {
  return number.toString(16).padStart(32, '0')
}

export function anEvent(number: number, parts: Partial<ErrorEvent> = {}): ErrorEvent {
  return {
    id: eventId(number),
    occurredAt: new Date(NOON).toISOString(),
    level: 'error',
    handled: false,
    mechanism: 'http',
    platform: 'node',
    service: 'shop',
    environment: 'production',
    exceptions: [
      {
        type: 'TypeError',
        message: 'Cannot read the basket',
        frames: [
          { function: 'pay', file: 'src/pay.ts', line: 3, column: 5, inApp: true },
          { function: 'run', file: 'node:internal/run', line: 1, column: 1, inApp: false },
        ],
      },
    ],
    sdk: { name: '@faultline/node', version: '1.0.0' },
    ...parts,
  }
}

/** @param group events of the same group belong together */
export function prepared(
  event: ErrorEvent,
  parts: Partial<PreparedEvent> & { group?: string } = {},
): PreparedEvent {
  const { group = 'one', ...others } = parts
  const type = event.exceptions[0]?.type ?? ''
  const message = event.exceptions[0]?.message ?? event.message ?? ''
  return {
    event,
    protocol: 'faultline',
    scrubbed: [],
    fingerprint: { version: 1, hash: createHash('md5').update(group).digest('hex'), values: [group] },
    severity: 'high',
    title: `${type}: ${message}`,
    type,
    message,
    culprit: 'pay in src/pay.ts',
    ...others,
  }
}

export function aBody(position: number, parts: Partial<DigestedBody> = {}): DigestedBody {
  return {
    position,
    projectId: 1,
    protocol: 'faultline',
    receivedAt: NOON,
    events: [],
    repeats: [],
    requests: [],
    dropped: [],
    outcomes: [],
    dead: [],
    attachments: [],
    feedback: [],
    ...parts,
  }
}
