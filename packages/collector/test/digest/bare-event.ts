import type { ErrorEvent } from '@faultline/protocol'

/** An event with no more than it has to have, and with what a test is about. */
export function bareEvent(members: Partial<ErrorEvent> = {}): ErrorEvent {
  return {
    id: '0199f3c2-7d1e-7a11-8a11-3f2a9c1b7d1e',
    occurredAt: '2026-11-23T10:00:00.000Z',
    level: 'error',
    handled: false,
    mechanism: 'http',
    platform: 'node',
    service: 'shop',
    environment: 'production',
    exceptions: [],
    sdk: { name: '@faultline/node', version: '0.1.0' },
    ...members,
  }
}
