import type { CollectorConfig } from './config.js'

/** What DSNs and links name. */
export function publicUrlOf(config: Pick<CollectorConfig, 'publicUrl' | 'port' | 'tlsCert'>): string {
  return config.publicUrl?.replace(/\/+$/, '') ?? `${schemeOf(config)}://localhost:${config.port}`
}

/** Which of the two the server speaks. */
export function schemeOf({ tlsCert }: Pick<CollectorConfig, 'tlsCert'>): 'http' | 'https' {
  return tlsCert === undefined ? 'http' : 'https'
}
