import { claimedKey, isPublicKey } from '@faultline/protocol/sentry'
import type { FastifyRequest } from 'fastify'
import { intakeErrors } from './errors.js'

/** Whose a key is; `undefined` for one that is unknown or revoked. */
export type FindKey = (
  publicKey: string,
) => { projectId: number } | undefined | Promise<{ projectId: number } | undefined>

/** The key that a request says to have, in its headers or its query. */
export function keyOf({ headers, raw }: FastifyRequest): string | undefined {
  const { url = '' } = raw
  const question = url.indexOf('?')
  return claimedKey({
    sentryAuth: headers['x-sentry-auth'] as string | undefined,
    authorization: headers.authorization,
    query: question === -1 ? undefined : url.slice(question + 1),
  })
}

/**
 * The project that a key is for.
 * @param project of the address, if it names one
 * @throws KeyMalformed, KeyUnknown, KeyOfAnotherProject, KeysUnreadable
 */
export async function projectOf(key: string, project: string | undefined, findKey: FindKey): Promise<number> {
  if (!isPublicKey(key)) throw new intakeErrors.KeyMalformed()
  const owner = await found(key.toLowerCase(), findKey)
  if (owner === undefined) throw new intakeErrors.KeyUnknown()
  if (project !== undefined && Number(project) !== owner.projectId)
    throw new intakeErrors.KeyOfAnotherProject()
  return owner.projectId
}

async function found(key: string, findKey: FindKey): Promise<{ projectId: number } | undefined> {
  try {
    return await findKey(key)
  } catch (cause) {
    throw new intakeErrors.KeysUnreadable({ cause })
  }
}
