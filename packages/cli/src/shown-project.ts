import type { CollectorConfig, IngestKey, Project } from '@faultline/collector'
import { collectorUrl } from './collector-url.js'

/** As the API shows it, with the DSN that is to be used. */
export async function shownProject({ keys, createdAt, ...project }: Project, config: CollectorConfig) {
  const shownKeys = await Promise.all(keys.map((key) => shownKey(key, config)))
  const dsn = shownKeys.find(({ revokedAt }) => revokedAt === null)?.dsn ?? null
  const { id, name, slug } = project
  return { id, name, slug, dsn, createdAt: timeOf(createdAt), keys: shownKeys }
}

export async function shownKey(key: IngestKey, config: CollectorConfig) {
  const { dsnOf } = await import('@faultline/collector')
  return {
    publicKey: key.publicKey,
    dsn: dsnOf(key, await collectorUrl(config)),
    createdAt: timeOf(key.createdAt),
    revokedAt: key.revokedAt === null ? null : timeOf(key.revokedAt),
  }
}

export function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
