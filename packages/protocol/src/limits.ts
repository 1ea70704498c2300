/** How much one event may hold. What goes beyond is cut by `truncateEvent`, never refused. */
export const EVENT_LIMITS = {
  /** UTF-8 bytes of an event's JSON. */
  eventBytes: 1_048_576,
  /** Frames of one exception. */
  frames: 250,
  /** Exceptions of one event, causes and members of an AggregateError together. */
  exceptions: 50,
  breadcrumbs: 100,
  tags: 100,
  /** UTF-16 units of a tag's name. */
  tagKeyLength: 64,
  /** UTF-16 units of a tag's value. */
  tagValueLength: 1024,
  /** UTF-16 units of the message, and of an exception's. */
  messageLength: 16_384,
  /** Objects and arrays inside each other, the event itself included. Much more than this overflows the stack of JSON.stringify. */
  depth: 100,
  /** Paths in `truncated`. */
  truncatedPaths: 100,
} as const

/** How much one batch may hold. What goes beyond is refused. */
export const BATCH_LIMITS = {
  events: 1000,
  requests: 10_000,
  repeats: 10_000,
  dropped: 100,
  /** UTF-16 units of a service, an environment and a release that requests are counted for. */
  nameLength: 200,
  /** UTF-16 units of a route. */
  routeLength: 500,
  /** UTF-16 units of why something was dropped. */
  reasonLength: 64,
} as const
