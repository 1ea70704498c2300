/** A question that a group of servers answers: what does ours cost beside the other one? */
export interface Comparison {
  title: string
  /** Name of our server. */
  ours: string
  /** `added`: microseconds of CPU that ours adds to a request, at most. `rate`: our requests a second over theirs, at least. */
  measure: 'added' | 'rate'
  /** None: the row is shown for information. */
  target?: number
}

/** Servers that are measured in turns: one that all are compared with, and ours. */
export interface Group {
  framework: 'Fastify 5' | 'Express 5'
  /** The module that builds them; it is a `ServerList`. */
  servers: URL
  /** What ours is compared with; it runs twice, as A and A. */
  baseline: string
  against: string
  status: number
  /** What is still to be done behind the answers is part of their price: a turn ends with it. */
  isSettled?: boolean
  comparisons: readonly Comparison[]
}

/** The servers of a group in the order in which they are measured. */
export function serversOf({ baseline, comparisons }: Group): string[] {
  return [baseline, ...comparisons.map(({ ours }) => ours), baseline]
}
