export {
  Batch,
  BatchAnswer,
  Drop,
  Repeat,
  RequestCount,
  STATUS_CLASSES,
  type StatusClass,
} from './batch.js'
export { type BatchReading, eventMistakes, type RejectedEvent, readBatch } from './check.js'
export { type Dsn, parseDsn } from './dsn.js'
export {
  ErrorEvent,
  ExceptionRecord,
  LEVELS,
  MECHANISMS,
  SEVERITIES,
  SourceContext,
  StackFrame,
  TIME_PATTERN,
} from './error-event.js'
export { batchSchema, errorEventSchema, type JsonSchema } from './json-schemas.js'
export { BATCH_LIMITS, EVENT_LIMITS } from './limits.js'
export { truncateEvent } from './truncate.js'
export { uuidDigits } from './uuid.js'
