import type { ErrorEvent, StackFrame } from '@faultline/protocol'

/** A valid event of so many frames, with the given members instead of its own. */
export function sampleEvent(members: Partial<ErrorEvent> = {}, frameCount = 2): ErrorEvent {
  return {
    id: '01980c4e-7a3c-7c52-9d8e-0123456789ab',
    occurredAt: '2026-03-01T12:00:00.123Z',
    level: 'error',
    severity: 'high',
    handled: false,
    mechanism: 'http',
    platform: 'node',
    service: 'orders',
    environment: 'production',
    release: '1.4.2',
    host: { name: 'web-1' },
    runtime: { name: 'node', version: '24.1.0' },
    exceptions: [
      { type: 'TypeError', message: 'price is undefined', frames: sampleFrames(frameCount) },
      {
        type: 'Error',
        message: 'no such row',
        code: 'E42',
        frames: sampleFrames(1),
        meta: { table: 'prices' },
      },
    ],
    problem: {
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      runbook: 'https://wiki.example/500',
    },
    request: {
      id: 'r-1',
      method: 'GET',
      route: '/orders/:id',
      url: '/orders/7',
      headers: { accept: '*/*' },
      status: 500,
    },
    tags: { region: 'eu' },
    extra: { cart: { items: 3 } },
    breadcrumbs: [{ at: '2026-03-01T12:00:00Z', category: 'db', message: 'select', data: { rows: 0 } }],
    sdk: { name: 'faultline.node', version: '0.1.0' },
    ...members,
  } as ErrorEvent
}

export function sampleFrames(count: number): StackFrame[] {
  const line = '    const total = order.lines.reduce((sum, line) => sum + line.price, 0)'
  return Array.from({ length: count }, (_, index) => ({
    function: `Orders.total${index}`,
    file: 'src/orders/order-total.ts',
    line: index,
    column: 17,
    inApp: true,
    context: { before: [line, line, line, line, line], line, after: [line, line, line, line, line] },
  }))
}
