import { type ErrorEvent, MECHANISMS } from '@faultline/protocol'
import { compact, countOf, recordOf, type Said, textOf } from '../untrusted.js'

type Problem = NonNullable<ErrorEvent['problem']>

/** Whether it comes from our own reporter, which can speak Sentry's protocol to other servers: nothing it says is lost. */
export function isOwnClient(said: Said): boolean {
  return textOf(recordOf(said.sdk)?.name)?.startsWith('faultline.') === true
}

export function isOwnMechanism(type: unknown): type is ErrorEvent['mechanism'] {
  return MECHANISMS.includes(type as ErrorEvent['mechanism'])
}

export function problemOf(said: Said): Problem | undefined {
  const problem = isOwnClient(said) ? recordOf(recordOf(said.contexts)?.problem) : undefined
  const type = textOf(problem?.type)
  if (problem === undefined || type === undefined) return undefined
  const { title, status, detail, instance } = problem
  return compact<Problem>({
    ...problem,
    type,
    title: textOf(title),
    status: countOf(status),
    detail: textOf(detail),
    instance: textOf(instance),
  })
}
