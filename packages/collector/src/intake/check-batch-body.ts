import { type Batch, type RejectedEvent, readBatch } from '@faultline/protocol'
import { isTooDeep } from '@faultline/protocol/sentry'
import type { CheckedBody } from './checked-body.js'
import { intakeErrors } from './errors.js'

/** Of all repeats, requests or drops of one batch: as many as one of them may be. Thousands of that are no count of anything. */
const MOST_COUNTED = 2_147_483_647

/** Our own protocol. An event that is wrong is told, and goes into the queue with the others: digest counts it. */
export function checkBatchBody(bytes: Buffer): CheckedBody {
  const { mistakes, batch, rejected } = readBatch(parseJson(bytes))
  const wrong = mistakes ?? excessOf(batch)
  if (batch === undefined || wrong.length > 0)
    throw new intakeErrors.BodyMistaken({ detail: `The batch is wrong: ${wrong.join('; ')}` })

  const eventCount = batch.events.length + rejected.length
  const repeated = sumOf(batch.repeats)
  const answer = { accepted: batch.events.length, rejected: rejected.map(rejection) }
  return {
    eventCount: eventCount + repeated,
    charge: Math.max(1, eventCount), // what else is in it is work too
    rejected: rejected.map(({ index }) => index),
    status: 202,
    answer: JSON.stringify(answer),
  }
}

function excessOf({ repeats, requests, dropped }: Batch): string[] {
  return Object.entries({ repeats, requests, dropped })
    .filter(([, counts]) => sumOf(counts) > MOST_COUNTED)
    .map(([member]) => `${member}: Expected counts of ${MOST_COUNTED} at most, together`)
}

function sumOf(counts: readonly { count: number }[] = []): number {
  return counts.reduce((sum, { count }) => sum + count, 0)
}

function parseJson(bytes: Buffer): unknown {
  if (isTooDeep(bytes)) throw new intakeErrors.BodyMistaken({ detail: 'Its JSON is nested too deeply.' })
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw new intakeErrors.BodyMistaken({ detail: 'It is no JSON.' })
  }
}

function rejection({ index, mistakes }: RejectedEvent): { index: number; problem: object } {
  const { type, title, status, detail } = new intakeErrors.EventMistaken({ detail: mistakes.join('; ') })
  return { index, problem: { type, title, status, detail } }
}
