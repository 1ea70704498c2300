import { type RejectedEvent, readBatch } from '@faultline/protocol'
import { isTooDeep } from '@faultline/protocol/sentry'
import type { CheckedBody } from './checked-body.js'
import { intakeErrors } from './errors.js'

/** Our own protocol. An event that is wrong is told, and goes into the queue with the others: digest counts it. */
export function checkBatchBody(bytes: Buffer): CheckedBody {
  const { mistakes, batch, rejected } = readBatch(parseJson(bytes))
  if (mistakes !== undefined)
    throw new intakeErrors.BodyMistaken({ detail: `The batch is wrong: ${mistakes.join('; ')}` })

  const eventCount = batch.events.length + rejected.length
  const repeated = (batch.repeats ?? []).reduce((sum, { count }) => sum + count, 0)
  const answer = { accepted: batch.events.length, rejected: rejected.map(rejection) }
  return {
    eventCount: eventCount + repeated,
    charge: Math.max(1, eventCount), // what else is in it is work too
    rejected: rejected.map(({ index }) => index),
    status: 202,
    answer: JSON.stringify(answer),
  }
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
