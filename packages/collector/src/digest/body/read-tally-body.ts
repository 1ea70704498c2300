import type { OutcomeCount } from '../../store/store.js'
import type { BodyReading, BodyToRead } from './body-reading.js'

/** Outcomes that intake has given itself. */
export function readTallyBody({ body, bytes }: BodyToRead): BodyReading {
  const outcomes = JSON.parse(bytes.toString()) as OutcomeCount[]
  const counted = outcomes.reduce((sum, { count }) => sum + count, 0)
  if (counted !== body.eventCount) throw new RangeError('Its outcomes are not as many as were received.')
  return { events: [], outcomes }
}
