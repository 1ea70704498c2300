import { styleText } from 'node:util'
import type { ErrorEvent } from '@faultline/protocol'

/** An event as the fake collector tells it: what, where, and in answer to which request. */
export function eventLines({
  level,
  service,
  exceptions,
  message,
  request,
  id,
  ...event
}: ErrorEvent): string {
  const [thrown] = exceptions
  const what = thrown ? `${thrown.type}: ${thrown.message}` : (message ?? '')
  const frame = thrown?.frames.find(({ inApp }) => inApp)
  const where = frame && `${frame.function ?? 'at'} ${frame.file}:${frame.line}`
  const why = request
    ? `${request.method} ${request.route ?? request.url} ${request.status}`
    : event.mechanism
  const facts = [where, why, id].filter(Boolean).join(' · ')
  return `${styleText('red', level)} ${styleText('bold', service)} ${what}\n${styleText('dim', `  ${facts}`)}`
}
