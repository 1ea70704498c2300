// What stands before a collector that comes and goes.
import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** What clients know: an address that stays, and leads to the collector that runs just now, as a load balancer's does. */
export interface Front {
  url: string
  leadTo(url: string | undefined): void
}

export async function startFront(t: Test): Promise<Front> {
  let port: number | undefined
  const open = new Set<Socket>()
  const server = createServer((client) => {
    if (port === undefined) return client.destroy()
    const upstream = connect(port, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket)
      socket.on('error', () => undefined).on('close', () => open.delete(socket) && other.destroy())
      socket.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  const address = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${address.port}`,
    leadTo(url) {
      port = url === undefined ? undefined : Number(new URL(url).port)
    },
  }
}
