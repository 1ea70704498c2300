import { type SchemaOptions, type Static, type TSchema, Type } from '@sinclair/typebox'
import { isTrustProxy } from './trust-proxy.js'

// Each entry says in `expected` what it must be, in words that follow `must be`; `isSize`: `256MiB` is understood;
// `holds`: what else must be true of it.

const MIB = 1_048_576
const GIB = 1024 * MIB

const oneOf = <const Value extends string>(values: readonly Value[], options: SchemaOptions = {}) =>
  Type.Unsafe<Value>(
    Type.Union(
      values.map((value) => Type.Literal(value)),
      { expected: `one of ${values.join(', ')}`, ...options },
    ),
  )

const text = (expected: string, options: SchemaOptions = {}) =>
  Type.String({ minLength: 1, expected, ...options })

const texts = (expected: string, description: string) =>
  Type.Array(text('a text'), { default: [], expected, description })

const size = (least: number, options: SchemaOptions) =>
  Type.Integer({
    minimum: least,
    expected: `bytes from ${sizeText(least)}, as a whole number or as 256MiB`,
    isSize: true,
    ...options,
  })

const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema)

/** What happens to addresses that say who somebody is. */
const whatHappensTo = (what: string) =>
  oneOf(['keep', 'drop', 'hash'], { default: 'keep', description: `What happens to ${what}.` })

const ScrubConfig = Type.Object(
  {
    keys: texts('a list of words', "More key words, as in core's `redact`."),
    paths: texts(
      'a list of dotted paths',
      "Dotted paths of an event, `*` for any name, as in core's `redact`.",
    ),
    except: texts('a list of dotted paths', 'Dotted paths that are left as they are.'),
    emails: whatHappensTo('`user.email`'),
    ips: whatHappensTo('`request.ip`'),
  },
  { default: {}, expected: 'an object' },
)
export type ScrubConfig = Static<typeof ScrubConfig>

const SeverityRule = Type.Object(
  {
    severity: oneOf(['critical', 'high', 'medium', 'low']),
    level: optional(oneOf(['fatal', 'error', 'warning', 'info', 'debug'])),
    service: optional(text('a text')),
    environment: optional(text('a text')),
    handled: optional(Type.Boolean({ expected: 'true or false' })),
    mechanism: optional(oneOf(['http', 'process', 'guard', 'manual', 'log'])),
    statusFrom: optional(
      Type.Integer({
        minimum: 100,
        maximum: 599,
        expected: 'a status from 100 to 599',
        description: 'The least status of the answer.',
      }),
    ),
    type: optional(text('a text', { description: 'Class of what was thrown.' })),
  },
  { expected: 'an object', description: 'All given conditions must hold.' },
)
export type SeverityRule = Static<typeof SeverityRule>

/** The whole configuration; `loadConfig` reads it from a file, the environment and the command line. */
export const CollectorConfig = Type.Object({
  host: text('a host name or an IP address', { default: '0.0.0.0', description: 'Address to listen on.' }),
  port: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    expected: 'a port from 0 to 65535',
    default: 8600,
    description: '0 takes a free one.',
  }),
  data: text('a path', { default: './faultline-data', description: 'Folder of both databases.' }),
  publicUrl: optional(
    text('a URL of http:// or https:// without user, query and fragment', {
      pattern: '^https?://[^\\s/?#@\\\\]+(/[^\\s?#]*)?$',
      holds: (url: string) => URL.canParse(url),
      description: 'What DSNs and links name. Default: `http://localhost:<port>`.',
    }),
  ),
  trustProxy: Type.Union(
    [Type.Boolean(), Type.String({ minLength: 1 }), Type.Array(Type.String(), { minItems: 1 })],
    {
      expected: 'true, false, or addresses of proxies such as 127.0.0.1 and 10.0.0.0/8',
      holds: isTrustProxy,
      default: false,
      description: "Whose `X-Forwarded-For` is believed: nobody's, everybody's, or that of these.",
    },
  ),
  tlsCert: optional(
    text('a path', { description: 'Certificate with its chain, PEM. With `tlsKey`: https.' }),
  ),
  tlsKey: optional(text('a path', { description: 'Its private key, PEM, without a passphrase.' })),
  logLevel: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: "Of the collector's own log.",
  }),
  bodyLimitBytes: size(1024, { maximum: GIB, default: 10 * MIB, description: 'Of one request, unpacked.' }),
  rateLimit: Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('off')], {
    expected: 'a whole number from 1, or off',
    default: 60_000,
    description: 'Events a minute and project; what comes in one go may be as many.',
  }),
  queueLimitBytes: size(MIB, {
    default: GIB,
    description: 'Bodies that are not digested yet, or that dead letters need.',
  }),
  minFreeDiskBytes: size(0, { default: 256 * MIB, description: 'Below it, nothing is taken any more.' }),
  memoryLimitBytes: size(128 * MIB, {
    default: GIB,
    description: 'Above it, nothing is taken for a while. Resident set.',
  }),
  retentionDays: Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('off')], {
    expected: 'a whole number from 1, or off',
    default: 90,
    description: 'How long events are kept.',
  }),
  maxStoreBytes: optional(
    size(MIB, { description: 'Above it, the oldest events are deleted. Default: no limit.' }),
  ),
  scrub: ScrubConfig,
  severityRules: Type.Array(SeverityRule, {
    default: [],
    expected: 'a list of rules',
    description: 'Asked in order before the built-in ones; the first that matches decides.',
  }),
})
export type CollectorConfig = Static<typeof CollectorConfig>

function sizeText(bytes: number): string {
  return bytes >= MIB ? `${bytes / MIB}MiB` : String(bytes)
}
