import type { CollectorConfig } from '@faultline/collector'

/** What DSNs and links name. The collector that runs knows best where it is: it may have got its address elsewhere. */
export async function collectorUrl(config: CollectorConfig): Promise<string> {
  const { publicUrlOf, runningUrl } = await import('@faultline/collector')
  return runningUrl(config.data) ?? publicUrlOf(config)
}
