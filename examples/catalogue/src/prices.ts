import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const TIMEOUT_MS = 300
const PRICES: Readonly<Record<string, number>> = { lamp: 50, chair: 120 }

let upstream: Promise<Server> | undefined

/** Asks the price service, and gives it 300 ms. */
export async function fetchPrice(article: string): Promise<number> {
  upstream ??= startUpstream()
  const { port } = (await upstream).address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/prices/${encodeURIComponent(article)}`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const { price } = (await response.json()) as { price: number }
  return price
}

/** The price service itself. It takes two seconds over an antique. It keeps no process alive. */
async function startUpstream(): Promise<Server> {
  const server = createServer((request, response) => {
    const article = request.url?.split('/').at(-1) ?? ''
    const answer = () => response.end(JSON.stringify({ price: PRICES[article] ?? 50 }))
    if (article === 'antique') setTimeout(answer, 2000).unref()
    else answer()
  })
  server.on('connection', (socket) => socket.unref())
  server.listen(0, '127.0.0.1').unref()
  await once(server, 'listening')
  return server
}
