import type { ProblemError } from '@faultline/core'
import type { RefusedCount } from './tally.js'

/** What is refused for the sender's sake is an outcome; what is refused for ours is sent again, and counted when it is taken. */
const OUTCOMES: ReadonlyMap<string, Pick<RefusedCount, 'outcome' | 'reason'>> = new Map([
  ['RateLimited', { outcome: 'rate_limited', reason: '' }],
  ['BodyTooLarge', { outcome: 'invalid', reason: 'too_large' }],
  ['BodyCorrupt', { outcome: 'invalid', reason: 'corrupt' }],
  ['BodyMistaken', { outcome: 'invalid', reason: 'mistaken' }],
  ['EncodingUnknown', { outcome: 'invalid', reason: 'encoding' }],
])

/** What a refused body counts as, which is one event, for nobody knows how many are in it. */
export function outcomeOf(problem: ProblemError): Pick<RefusedCount, 'outcome' | 'reason'> | undefined {
  return OUTCOMES.get(problem.name)
}
