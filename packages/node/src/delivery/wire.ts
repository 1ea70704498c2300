import type { Drop, Dsn, ErrorEvent, Repeat, RequestCount } from '@faultline/protocol'
import type { WireName } from './parcel.js'

/** An event as it stands in a body. */
export interface EncodedEvent {
  id: string
  text: string
}

/** What goes into one body. */
export interface Contents {
  /** UUIDv7. */
  id: string
  events: readonly EncodedEvent[]
  requests: readonly RequestCount[]
  repeats: readonly Repeat[]
  dropped: readonly Drop[]
}

/** What the server's answer to a body means. */
export interface Understood {
  /** Indexes of events that it has refused. */
  rejected: readonly number[]
  /** What is wrong with the first of them, for the log. */
  why?: string | undefined
}

/** One protocol: where a body goes, what it looks like, and how its answer is read. */
export interface Wire {
  readonly name: WireName
  /** Events in one body, at most. */
  readonly maxEvents: number
  pathOf(dsn: Dsn): string
  headersOf(dsn: Dsn): Record<string, string>
  /** @throws for what JSON cannot say */
  encodeEvent(event: ErrorEvent): string
  encode(contents: Contents): string
  /** Two bodies with half of the events each, for a server that takes no more; `undefined` when there is one event or none. */
  halve(body: string, newId: () => string): [Contents, Contents] | undefined
  /** `undefined` for an answer that cannot be the server's, whatever its status. */
  understand(answer: string): Understood | undefined
}
