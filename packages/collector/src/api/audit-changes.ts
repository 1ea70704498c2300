import { redact } from '@faultline/core'
import type { FastifyInstance, FastifyReply, FastifyRequest, onSendAsyncHookHandler } from 'fastify'
import type { NewAuditEntry } from '../store/audit-entry.js'
import type { Caller } from '../store/people.js'
import type { ApiOptions } from './api-plugin.js'
import { actionOf } from './route-roles.js'

/** Of a change of password, whose members are not called so. */
const SECRET_KEYS = ['current', 'next']

/** Of an erasure: whom it was about is to be forgotten here as well. */
const ERASED_KEYS = ['userId', 'email']

/** Every change is in the audit log before its answer leaves: a 2xx means that it is. What is refused or fails is not. */
export function auditChanges(
  app: FastifyInstance,
  { writes, now }: Pick<ApiOptions, 'writes' | 'now'>,
): void {
  app.addHook('onRoute', (route) => {
    const [action] = [route.method].flat().flatMap((method) => actionOf({ ...route, method }) ?? [])
    if (action === undefined) return
    const audit: onSendAsyncHookHandler = async (request, reply, payload) => {
      if (reply.statusCode < 200 || reply.statusCode > 299) return payload
      const target = targetOf(request, reply, { prefix: route.prefix, payload })
      await writes.audit({ ...actorOf(request), action, target, details: detailsOf(request, action) }, now())
      return payload
    }
    route.onSend = [...[route.onSend ?? []].flat(), audit]
  })
}

/** A route that lets anyone in, to sign in, has said who it was. */
function actorOf({ caller }: { caller: Caller | undefined }): Pick<NewAuditEntry, 'actor' | 'actorName'> {
  if (caller === undefined) return { actor: 'anyone', actorName: '' }
  return { actor: `${caller.kind}:${caller.id}`, actorName: caller.name }
}

/** The address, and behind it the id of what was made there. */
function targetOf(
  { url }: FastifyRequest,
  { statusCode }: FastifyReply,
  { prefix, payload }: { prefix: string; payload: unknown },
): string {
  const path = url.replace(/\?.*$/s, '').slice(prefix.length)
  if (statusCode !== 201 || typeof payload !== 'string') return path
  const { id, publicKey } = JSON.parse(payload) as { id?: unknown; publicKey?: unknown }
  const made = id ?? publicKey
  return made === undefined ? path : `${path}/${made}`
}

function detailsOf({ body }: FastifyRequest, action: string): object {
  const keys = action === 'user.erase' ? [...SECRET_KEYS, ...ERASED_KEYS] : SECRET_KEYS
  return redact(body ?? {}, { keys }) as object
}
