export { hashToken, newToken } from './access/tokens.js'
export { dsnOf } from './api/dsn-of.js'
export type { Books } from './books.js'
export { CannotStart } from './cannot-start.js'
export type { CollectorConfig, ScrubConfig, SeverityRule } from './config.js'
export { ConfigMistakes } from './config-mistakes.js'
export { configSchema } from './config-schema.js'
export { makeDataFolder } from './data-folder.js'
export { type ConfigSources, type ExplainedEntry, explainConfig, loadConfig } from './load-config.js'
export { type Collector, type CollectorOptions, startCollector } from './main.js'
export { publicUrlOf } from './public-url.js'
export { QueueUnusable } from './queue/queue-unusable.js'
export { openStoreWriter } from './store/sqlite/open-store.js'
export { openStoreReader } from './store/sqlite/read/open-store-reader.js'
export { StoreUnusable } from './store/sqlite/store-unusable.js'
export {
  type ApiToken,
  type IssueChange,
  type IssueDetail,
  type IssueSummary,
  type OutcomeCount,
  type Project,
  type Role,
  StoreConflict,
  type StoredEvent,
  type StoreReader,
  type StoreWriter,
} from './store/store.js'
