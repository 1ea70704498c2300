import { styleText } from 'node:util'
import type { IssueSummary } from '@faultline/collector'
import type { ErrorEvent } from '@faultline/protocol'

/** An issue as `npm start` tells it: what, how often, where, and how to look up its last event. */
export function issueLines(issue: IssueSummary, { request, mechanism, problem, id }: ErrorEvent): string {
  const { shortId, title, severity, count, service, culprit } = issue
  const why = request ? `${request.method} ${request.route ?? request.url} ${request.status}` : mechanism
  const facts = [`${count}×`, culprit, why, problem?.instance ?? id].filter(Boolean).join(' · ')
  const head = `${styleText('red', severity)} ${styleText('bold', shortId)} ${service} ${title}`
  return `${head}\n${styleText('dim', `  ${facts}`)}`
}
