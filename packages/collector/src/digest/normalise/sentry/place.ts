import type { ErrorEvent } from '@faultline/protocol'
import { compact, recordOf, type Said, textOf } from '../untrusted.js'

type Place = Pick<ErrorEvent, 'service' | 'environment' | 'release' | 'host' | 'runtime'>

/** What ran, and where. Sentry knows no services: it is the tag of that name, else the app's name, else that in `shop@1.2.3`. */
export function placeOf(said: Said, taggedService: string | undefined): Place {
  const contexts = recordOf(said.contexts)
  const release = textOf(said.release)?.trim() || undefined
  const hostName = textOf(said.server_name)
  return compact<Place>({
    service:
      taggedService ?? textOf(recordOf(contexts?.app)?.app_name) ?? nameInRelease(release) ?? 'unknown',
    environment: textOf(said.environment)?.trim() || 'production',
    release,
    host: hostName === undefined ? undefined : { name: hostName },
    runtime: runtimeOf(contexts?.runtime),
  })
}

function nameInRelease(release: string | undefined): string | undefined {
  const at = release?.lastIndexOf('@') ?? -1
  return at > 0 ? release?.slice(0, at) : undefined
}

function runtimeOf(said: unknown): Place['runtime'] {
  const runtime = recordOf(said)
  const name = textOf(runtime?.name)
  if (name === undefined) return undefined
  const version = textOf(runtime?.version) ?? ''
  return { name, version: name === 'node' ? version.replace(/^v/, '') : version }
}
