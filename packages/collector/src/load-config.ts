import type { TObject, TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { CollectorConfig } from './config.js'
import { readConfigFile } from './config-file.js'
import { ConfigMistakes, isObjectSchema, isPlainObject, mistakesIn, unknownName } from './config-mistakes.js'
import { valueOfText, withSizes } from './config-text.js'

/** Where a configuration comes from; what comes later wins. */
export interface ConfigSources {
  /** Default: `faultline.config.json`, `.yaml` or `.yml` in the working directory, if it is there. */
  file?: string
  /** Every key has its variable: `FAULTLINE_RATE_LIMIT`, `FAULTLINE_SCRUB_EMAILS`. An empty one counts as not set. */
  env: Readonly<Record<string, string | undefined>>
  /** What the command line says: texts are read as those of variables. */
  overrides?: { [Name in keyof CollectorConfig]?: CollectorConfig[Name] | string | undefined }
  /** The working directory. Default: the process's. */
  folder?: string
}

/** A source, and its values by key. */
interface Source {
  value: Record<string, unknown>
  mistakes: string[]
  /** How it calls a key: the file's name, `FAULTLINE_PORT`, `--port`. */
  nameOf(path: readonly string[]): string
}

/** The environment of a service that reports to a collector may be the same one. */
const OTHER_VARIABLES = new Set(
  'DSN SERVICE ENVIRONMENT RELEASE COMMIT DEBUG ENABLED SPOOL_DIR LOG_DIR URL TOKEN'
    .split(' ')
    .map((name) => `FAULTLINE_${name}`),
)

/**
 * The configuration, with its defaults.
 * @throws ConfigMistakes naming every mistake of every source
 */
export function loadConfig(from: ConfigSources): CollectorConfig {
  return merged(readSources(from))
}

/** One key, what holds for it, and what has said so: `default`, the file, the variable or the option. */
export interface ExplainedEntry {
  key: string
  /** `undefined` where nothing has said anything, and there is no default. */
  value: unknown
  from: string
}

/** The configuration key by key, with where each value comes from. @throws ConfigMistakes */
export function explainConfig(from: ConfigSources): ExplainedEntry[] {
  const sources = readSources(from)
  const config = merged(sources)
  return [...variablesOf(CollectorConfig).values()].map(({ path }) => {
    const source = sources.findLast(({ value }) => valueAt(value, path) !== undefined)
    return { key: path.join('.'), value: valueAt(config, path), from: source?.nameOf(path) ?? 'default' }
  })
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, name) => (isPlainObject(inner) ? inner[name] : undefined), value)
}

/** What comes later wins. */
function readSources({ file, env, overrides = {}, folder = process.cwd() }: ConfigSources): Source[] {
  return [fromFile(file, folder), fromEnv(env), fromCommandLine(overrides)]
}

function merged(sources: readonly Source[]): CollectorConfig {
  const mistakes = sources.flatMap((source) => source.mistakes)
  const value = sources.reduce((merged, source) => merge(merged, source.value), {})
  const config = Value.Default(CollectorConfig, value) as CollectorConfig
  mistakes.push(...mistakesTogether(config))
  if (mistakes.length > 0) throw new ConfigMistakes(mistakes)
  return config
}

/** What is right alone and wrong beside another key. */
function mistakesTogether({ queueLimitBytes, bodyLimitBytes, tlsCert, tlsKey }: CollectorConfig): string[] {
  const mistakes: string[] = []
  if (queueLimitBytes < bodyLimitBytes)
    mistakes.push(
      `queueLimitBytes (${queueLimitBytes}) is less than bodyLimitBytes (${bodyLimitBytes}): the queue could never take the largest body`,
    )
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    const [given, missing] = tlsKey === undefined ? ['tlsCert', 'tlsKey'] : ['tlsKey', 'tlsCert']
    mistakes.push(`${given} needs ${missing} beside it: name both, or neither`)
  }
  return mistakes
}

function fromFile(file: string | undefined, folder: string): Source {
  const { value: read, mistakes, name = '' } = readConfigFile(file, folder)
  const { $schema: _forEditors, ...value } = read
  const sized = withSizes(CollectorConfig, value) as Record<string, unknown>
  return {
    value: sized,
    mistakes: [...mistakes, ...mistakesIn(CollectorConfig, sized, '')],
    nameOf: () => name,
  }
}

function fromEnv(env: ConfigSources['env']): Source {
  const variables = variablesOf(CollectorConfig)
  const source: Source = { value: {}, mistakes: [], nameOf: variableOf }
  for (const [name, text = ''] of Object.entries(env)) {
    if (!name.startsWith('FAULTLINE_') || OTHER_VARIABLES.has(name) || isServiceLink(name, text)) continue
    const variable = variables.get(name)
    if (variable === undefined) source.mistakes.push(unknownName(name, [...variables.keys()]))
    else if (text.trim() !== '') take(source, variable, { label: name, value: text.trim() })
  }
  return source
}

function fromCommandLine(overrides: NonNullable<ConfigSources['overrides']>): Source {
  const source: Source = { value: {}, mistakes: [], nameOf: optionOf }
  const variables = [...variablesOf(CollectorConfig).values()]
  for (const [name, value] of Object.entries(overrides)) {
    const variable = variables.find(({ path }) => path.join('.') === name)
    if (variable !== undefined && value !== undefined)
      take(source, variable, { label: optionOf([name]), value })
  }
  return source
}

function take(
  source: Source,
  { path, schema }: Variable,
  { label, value }: { label: string; value: unknown },
): void {
  const read = typeof value === 'string' ? valueOfText(schema, value) : value
  source.mistakes.push(...mistakesIn(schema, read, label))
  const nested = path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), read)
  source.value = merge(source.value, nested as Record<string, unknown>)
}

interface Variable {
  path: string[]
  schema: TSchema
}

/** The variable of each key that is no object; those of an object have its name before theirs. */
function variablesOf(schema: TObject, above: string[] = []): Map<string, Variable> {
  const entries = Object.entries(schema.properties).flatMap(([name, entry]): [string, Variable][] => {
    const path = [...above, name]
    if (isObjectSchema(entry)) return [...variablesOf(entry, path)]
    return [[variableOf(path), { path, schema: entry }]]
  })
  return new Map(entries)
}

function variableOf(path: readonly string[]): string {
  return `FAULTLINE_${path.map(kebab).join('_').replaceAll('-', '_').toUpperCase()}`
}

function optionOf(path: readonly string[]): string {
  return `--${path.map(kebab).join('-')}`
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/**
 * Kubernetes sets FAULTLINE_PORT=tcp://10.0.0.1:8600 and its like where a service is called faultline.
 * @see https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
 */
function isServiceLink(name: string, text: string): boolean {
  return /_SERVICE_(?:HOST|PORT)(?:_|$)|_PORT_\d+_(?:TCP|UDP)/.test(name) || /^(?:tcp|udp):\/\//.test(text)
}

function merge(under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...under }
  for (const [name, value] of Object.entries(over)) {
    const below = merged[name]
    merged[name] = isPlainObject(below) && isPlainObject(value) ? merge(below, value) : value
  }
  return merged
}
