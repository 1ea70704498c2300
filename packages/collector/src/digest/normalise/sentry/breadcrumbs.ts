import { type ErrorEvent, EVENT_LIMITS } from '@faultline/protocol'
import { readTime, timeText } from '../times.js'
import { anyText, compact, isEmpty, listOf, recordOf, textOf } from '../untrusted.js'

type Breadcrumb = NonNullable<ErrorEvent['breadcrumbs']>[number]

/** The newest are the last ones, in both protocols. @param eventAt for those that have no time of their own */
export function breadcrumbsOf(said: unknown, eventAt: string): Breadcrumb[] | undefined {
  const breadcrumbs = listOf(said)
    .slice(-EVENT_LIMITS.breadcrumbs - 1) // one more, so that the cut is noted
    .flatMap((one) => breadcrumbOf(one, eventAt) ?? [])
  return breadcrumbs.length === 0 ? undefined : breadcrumbs
}

function breadcrumbOf(value: unknown, eventAt: string): Breadcrumb | undefined {
  const said = recordOf(value)
  if (said === undefined) return undefined
  const ms = readTime(said.timestamp)
  return compact<Breadcrumb>({
    at: ms === undefined ? eventAt : timeText(ms),
    category: textOf(said.category) ?? textOf(said.type) ?? '',
    message: anyText(said.message) ?? '',
    level: textOf(said.level),
    data: isEmpty(said.data) ? undefined : recordOf(said.data),
  })
}
