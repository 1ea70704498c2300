/** What only the request knew of an event, and when it came. */
export interface NormaliseContext {
  /** The envelope's id, or the one that intake has made: wins over the event's own. */
  eventId?: string
  /** Milliseconds since 1970. */
  receivedAt: number
  ip?: string
  userAgent?: string
  /** What `isFitJson` says of the JSON that the event was in: true saves the search for what has to be mended. Default false. */
  isFit?: boolean
}
