import { type Static, Type } from '@sinclair/typebox'
import { LOG_LEVELS } from './log-level.js'

/** What an entry of the schema says besides its type. */
export interface ConfigEntry {
  type: 'string' | 'boolean'
  enum?: readonly string[]
  /** The environment variable. */
  variable: string
  /** Another one, asked where the first is not set. */
  fallbackVariable?: string
  /** What kind of text it is. */
  kind?: 'DSN' | 'path'
  default?: string | boolean
  /** What happens without a value, for the reference. */
  otherwise?: string
  /** For the reference. */
  description: string
}

const text = (entry: Omit<ConfigEntry, 'type'> & { default: string }) => Type.String(entry)
const optionalText = (entry: Omit<ConfigEntry, 'type'>) => Type.Optional(Type.String(entry))
const flag = (entry: Omit<ConfigEntry, 'type'> & { default: boolean }) => Type.Boolean(entry)

/** The whole configuration of the environment; the table in docs/reference/node.md is made of it. */
export const configSchema = Type.Object({
  dsn: optionalText({
    variable: 'FAULTLINE_DSN',
    kind: 'DSN',
    otherwise: 'none: nothing is reported',
    description: 'where events go: `http(s)://<publicKey>@host[:port][/prefix]/<projectId>`',
  }),
  enabled: flag({
    variable: 'FAULTLINE_ENABLED',
    default: true,
    description: '`false`: nothing is reported and no process hook is installed; the logger logs',
  }),
  service: optionalText({
    variable: 'FAULTLINE_SERVICE',
    otherwise: '`OTEL_SERVICE_NAME`, else the name in package.json',
    description: 'the service’s name in events and in the log',
  }),
  environment: text({
    variable: 'FAULTLINE_ENVIRONMENT',
    fallbackVariable: 'NODE_ENV',
    default: 'production',
    description: 'where the service runs',
  }),
  release: optionalText({
    variable: 'FAULTLINE_RELEASE',
    otherwise: 'the first 12 characters of the commit',
    description: 'the version that runs',
  }),
  commit: optionalText({
    variable: 'FAULTLINE_COMMIT',
    otherwise: 'the platform’s variable, else what git has checked out',
    description: 'the commit that it was built from',
  }),
  debug: flag({
    variable: 'FAULTLINE_DEBUG',
    default: false,
    description:
      'the reporter logs each batch; `startFaultline` logs its configuration, and at the end what was sent and dropped',
  }),
  spoolDir: optionalText({
    variable: 'FAULTLINE_SPOOL_DIR',
    kind: 'path',
    otherwise: 'none: they wait in memory only',
    description: 'where events wait on disk while the collector is away',
  }),
  logDir: optionalText({
    variable: 'FAULTLINE_LOG_DIR',
    kind: 'path',
    otherwise: 'none: the console only',
    description: 'where the log files are; made if it is missing',
  }),
  logLevel: Type.Unsafe<(typeof LOG_LEVELS)[number]>({
    type: 'string',
    enum: LOG_LEVELS,
    variable: 'LOG_LEVEL',
    default: 'info',
    description: 'the least level that is logged; `warning` is taken for `warn`',
  } satisfies ConfigEntry),
})

/** The configuration of a service. */
export type Config = Static<typeof configSchema>

/** The entries by their names in `Config`. */
export const CONFIG_ENTRIES = Object.entries(configSchema.properties) as unknown as [
  keyof Config,
  ConfigEntry,
][]
