import { defineProblems } from '@faultline/core'
import { Type } from '@sinclair/typebox'

const MiB = 1_048_576
const Bearer = 'Bearer realm="faultline"'

/**
 * Why intake refuses; each has its section in docs/errors.md. They are counted, and logged as `debug` only: a client that is refused
 * sends a thousand more.
 */
export const intakeErrors = defineProblems(
  { base: 'urn:faultline:errors:' },
  {
    KeyMissing: {
      status: 401,
      level: 'debug',
      title: 'An ingest key is needed.',
      detail: 'Send the public key of a DSN, as `Authorization: Bearer <key>` or as Sentry SDKs do.',
      challenge: Bearer,
    },
    KeyMalformed: {
      status: 401,
      level: 'debug',
      title: 'This is no ingest key.',
      detail: 'A key has 32 hexadecimal digits.',
      challenge: `${Bearer}, error="invalid_token"`,
    },
    KeyUnknown: {
      status: 401,
      level: 'debug',
      title: 'The ingest key is not valid.',
      detail: 'It is not known here, or it has been revoked.',
      challenge: `${Bearer}, error="invalid_token"`,
    },
    KeyOfAnotherProject: {
      status: 403,
      level: 'debug',
      title: 'The ingest key belongs to another project.',
      detail: 'A DSN ends with the number of its project: take key and number from the same one.',
    },
    /** Ours to mend, so it is reported. */
    KeysUnreadable: {
      status: 503,
      retryAfterSeconds: 5,
      title: 'The ingest key cannot be checked just now.',
    },
    BodyTooLarge: {
      status: 413,
      level: 'debug',
      title: 'The body is too large.',
      detail: ({ limitBytes }) =>
        `Unpacked, it may have ${limitBytes >= MiB ? `${limitBytes / MiB} MiB` : `${limitBytes} bytes`}.`,
      extensions: Type.Object({ limitBytes: Type.Number() }),
    },
    EncodingUnknown: {
      status: 415,
      level: 'debug',
      title: 'The encoding of the body is not known.',
      detail: 'Send it as it is, or as gzip, deflate, br or zstd.',
      headers: { 'accept-encoding': 'gzip, deflate, br, zstd' },
    },
    BodyCorrupt: {
      status: 400,
      level: 'debug',
      title: 'The body is not in the encoding that it names.',
    },
    BodyMistaken: {
      status: 400,
      level: 'debug',
      title: 'The body has mistakes.',
    },
    /** Of one event of a batch whose other events are taken. */
    EventMistaken: {
      status: 400,
      title: 'The event has mistakes.',
    },
    RateLimited: {
      status: 429,
      level: 'debug',
      title: 'The project sends too many events.',
      detail:
        'It has used up its events of this minute; see `rateLimit` in the configuration of the collector.',
    },
    NoRoom: {
      status: 503,
      level: 'debug',
      shouldReport: false,
      captureStack: false,
      title: 'The collector has no room just now.',
    },
  },
)
