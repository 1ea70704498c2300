export { newOneTimeLink, type OneTimeLink } from './access/one-time-link.js'
export { hashToken, newToken } from './access/tokens.js'
export { dsnOf } from './api/dsn-of.js'
export { BackupFailed } from './backup/backup-failed.js'
export type { Manifest } from './backup/manifest.js'
export { restoreBackup } from './backup/restore-backup.js'
export { writeBackup } from './backup/write-backup.js'
export type { Books } from './books.js'
export { CannotStart } from './cannot-start.js'
export type { CollectorConfig, ScrubConfig, SeverityRule } from './config.js'
export { ConfigMistakes } from './config-mistakes.js'
export { configSchema } from './config-schema.js'
export { makeDataFolder, runningUrl } from './data-folder.js'
export type { Check } from './doctor/check.js'
export { type ExamineOptions, examine } from './doctor/examine.js'
export { type ConfigSources, type ExplainedEntry, explainConfig, loadConfig } from './load-config.js'
export { type Collector, type CollectorOptions, startCollector } from './main.js'
export { publicUrlOf } from './public-url.js'
export { QueueUnusable } from './queue/queue-unusable.js'
export type { NewAuditEntry } from './store/audit-entry.js'
export type { User } from './store/people.js'
export { openStoreWriter } from './store/sqlite/open-store.js'
export { openStoreReader } from './store/sqlite/read/open-store-reader.js'
export { StoreUnusable } from './store/sqlite/store-unusable.js'
export {
  type ApiToken,
  type IngestKey,
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
