import type { Server } from 'node:http'

/** Builds a server; all of them answer `GET /`. */
export type CreateServer = () => Promise<Server>

/** What a module of servers exports. */
export interface ServerList {
  createServer(name: string): Promise<Server>
  /** Ends what the server still does behind its answers, which is part of what a request costs. */
  settle?(): Promise<unknown>
}
