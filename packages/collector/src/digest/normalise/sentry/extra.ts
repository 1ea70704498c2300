import { isEmpty, recordOf, type Said, without } from '../untrusted.js'
import { isOwnClient } from './own-client.js'

/** Members of an event that are read elsewhere, or are not kept: too big, about Sentry itself, or no part of an error. */
const READ = new Set(
  (
    'event_id timestamp level platform logger transaction server_name release dist environment message logentry exception ' +
    'stacktrace threads tags user request contexts breadcrumbs fingerprint checksum sdk extra ' +
    'modules debug_meta _meta _metrics type transaction_info start_timestamp spans measurements received errors project ' +
    'key_id version grouping_config sdkProcessingMetadata'
  ).split(' '),
)
const READ_CONTEXTS = new Set(['trace', 'runtime', 'response', 'browser'])
const READ_OF_OWN_CONTEXTS = new Set([...READ_CONTEXTS, 'problem'])
const READ_OF_USER = new Set(['id', 'email', 'name', 'username', 'ip_address'])

/**
 * `extra`, and with it all that has no place of its own. What the client has put there itself is never replaced.
 * @param noted what the other readers want to be kept
 */
export function extraOf(said: Said, noted: Said): Said | undefined {
  const contexts = without(recordOf(said.contexts), isOwnClient(said) ? READ_OF_OWN_CONTEXTS : READ_CONTEXTS)
  const user = without(recordOf(said.user), READ_OF_USER)
  const extra = { ...without(said, READ), ...without({ ...noted, contexts, user }), ...recordOf(said.extra) }
  return isEmpty(extra) ? undefined : extra
}
