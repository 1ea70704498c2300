import type { ErrorEvent } from '@faultline/protocol'
import { firstId } from './event-id.js'
import type { NormaliseContext } from './normalise-context.js'
import { breadcrumbsOf } from './sentry/breadcrumbs.js'
import { exceptionsOf } from './sentry/exceptions.js'
import { extraOf } from './sentry/extra.js'
import { levelOf } from './sentry/level.js'
import { mechanismOf } from './sentry/mechanism.js'
import { messageOf } from './sentry/message.js'
import { problemOf } from './sentry/own-client.js'
import { placeOf } from './sentry/place.js'
import { requestOf } from './sentry/request.js'
import { tagsOf } from './sentry/tags.js'
import { traceOf } from './sentry/trace.js'
import { userOf } from './sentry/user.js'
import { occurred } from './times.js'
import { compact, recordOf, type Said, textOf } from './untrusted.js'
import { withinLimits } from './within-limits.js'

/**
 * Makes an error event of what a Sentry SDK has sent, whatever is wrong with it: what cannot be read is left out.
 * The installed modules, debug images and all but one thread are not kept.
 * @param payload an event item of an envelope, or the body of `/store/`
 * @throws TypeError when it is no object
 * @see https://develop.sentry.dev/sdk/data-model/event-payloads/
 */
export function normaliseSentry(payload: unknown, context: NormaliseContext): ErrorEvent {
  const said = recordOf(payload)
  if (said === undefined) throw new TypeError('An event is an object.')
  const time = occurred(said.timestamp, context.receivedAt)
  const message = messageOf(said)
  const exceptions = exceptionsOf(said, message.text)
  const { tags, service, severity, tenant } = tagsOf(said)
  const sdk = recordOf(said.sdk)

  return withinLimits(
    compact<ErrorEvent>({
      id: firstId(context.eventId, said.event_id),
      occurredAt: time.at,
      level: levelOf(said.level) ?? 'error',
      severity,
      ...mechanismOf(said),
      platform: textOf(said.platform) ?? 'other',
      ...placeOf(said, service),
      message: message.text,
      exceptions,
      problem: problemOf(said),
      request: requestOf(said),
      user: userOf(said.user),
      tenant,
      trace: traceOf(recordOf(said.contexts)?.trace),
      tags,
      extra: extraOf(said, { messageTemplate: message.template, clientTime: time.refused }),
      breadcrumbs: breadcrumbsOf(said.breadcrumbs, time.at),
      fingerprint: fingerprintOf(said),
      sdk: { name: textOf(sdk?.name) ?? 'unknown', version: textOf(sdk?.version) ?? '' },
    }),
    context,
  )
}

/** Old clients send a checksum instead. */
function fingerprintOf({ fingerprint, checksum }: Said): string[] | undefined {
  const values = Array.isArray(fingerprint) ? fingerprint : [fingerprint ?? checksum]
  const texts = values.flatMap((value) => textOf(value) ?? [])
  return texts.length === 0 ? undefined : texts
}
