// What Sentry's SDKs send, as far as it can be read without knowing what an error is.
export { claimedKey, isPublicKey, type KeySources, keyInDsn } from './sentry/auth.js'
export {
  type Envelope,
  type EnvelopeItem,
  EnvelopeMistake,
  MAX_HEADER_BYTES,
  parseEnvelope,
  readEnvelopeHeader,
} from './sentry/envelope.js'
export { type EventPayload, looksLikeObject, parseEvent, readEventId } from './sentry/event-payload.js'
export { countEvents, type ItemKind, kindOf } from './sentry/item-kinds.js'
export { parseLenientJson } from './sentry/lenient-json.js'
export { parseSecurityReports } from './sentry/security-reports.js'
export { parseStore, StoreMistake } from './sentry/store-body.js'
export { isTooDeep } from './sentry/too-deep.js'
