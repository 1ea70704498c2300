import { newEventId } from '@faultline/core/adapter'
import type { Drop } from '@faultline/protocol'
import type { Tally } from './ledger.js'
import type { Kind } from './storm-control.js'

/** The protocols that a reporter speaks. */
export type WireName = 'faultline' | 'sentry'

/** One body, ready to be sent; the same bytes at each attempt, so that the collector knows it again. */
export interface Parcel extends Tally {
  /** UUIDv7: later ones are greater. */
  readonly id: string
  readonly wire: WireName
  /** Gzipped. */
  readonly body: Uint8Array
  /** What it tells of drops: told in vain, if it is dropped itself. */
  readonly dropped: readonly Drop[]
  /** The kinds whose first event it carries, by the event's index: others are counted under that event. */
  readonly carried: ReadonlyMap<number, Kind>
  /** Left by an earlier process, in whose books it stands. */
  readonly isForeign: boolean
}

/** What a file's name says of the parcel in it. */
export type ParcelLabel = Pick<Parcel, 'id' | 'events' | 'counted' | 'wire'>

/** A UUIDv7, as events have. */
export const newParcelId: () => string = newEventId

const FILE_NAME = /^([\da-f-]{36})\.(\d+)\.(\d+)\.(faultline|sentry)\.gz$/

/** The name of the file that a parcel lies in: sorted by name, files are sorted by age. */
export function parcelFileName({ id, events, counted, wire }: ParcelLabel): string {
  return `${id}.${events}.${counted}.${wire}.gz`
}

/** What a file of the spool holds; `undefined` for any other file. */
export function labelOf(fileName: string): ParcelLabel | undefined {
  const [, id, events, counted, wire] = FILE_NAME.exec(fileName) ?? []
  if (id === undefined) return undefined
  return { id, events: Number(events), counted: Number(counted), wire: wire as WireName }
}
