import { redact } from '@faultline/core'
import { parseDsn } from '@faultline/protocol'
import { nodeErrors } from '../errors.js'
import { CONFIG_ENTRIES, type Config, type ConfigEntry } from './config-schema.js'
import { fileInTheWay, folderMistake } from './folders.js'
import { logLevelOf } from './log-level.js'
import { misspeltVariables } from './misspelt-variables.js'

/**
 * The configuration of the environment. An empty variable counts as not set.
 * @param env Default: `process.env`.
 * @throws InvalidConfiguration naming every mistake.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const { config, mistakes } = readConfig({ env })
  if (mistakes.length > 0) throw new nodeErrors.InvalidConfiguration({ mistakes })
  return config
}

/** A configuration, and what is wrong with it: a mistaken entry has its default. */
export interface ConfigReading {
  config: Config
  mistakes: string[]
}

/** Where a configuration is read from. */
export interface ConfigSource {
  env: NodeJS.ProcessEnv
  /** What the program says; it has the last word. */
  given?: Partial<Config>
  /** What the program calls an entry. Default: its name in `Config`. */
  labelOf?: (name: keyof Config) => string
  /** The entries that are wanted. Default: all. */
  only?: readonly (keyof Config)[]
}

export function readConfig({ env, given = {}, labelOf = (name) => name, only }: ConfigSource): ConfigReading {
  const entries = CONFIG_ENTRIES.filter(([name]) => only === undefined || only.includes(name))
  const mistakes = misspeltVariables(env, entries)
  const values: Record<string, unknown> = {}
  for (const [name, entry] of entries) {
    if (name === 'dsn' && isOff(env, given)) continue // nobody will use it: a placeholder is no mistake
    const isGiven = given[name] !== undefined
    const value = isGiven ? normal(name, given[name]) : fromEnv(env, name, entry)
    const mistake = value === undefined ? undefined : mistakeIn(name, entry, value)
    if (mistake !== undefined) mistakes.push(`${isGiven ? labelOf(name) : entry.variable} ${mistake}`)
    const chosen = mistake === undefined ? (value ?? entry.default) : entry.default
    if (chosen !== undefined) values[name] = chosen
  }
  return { config: values as Config, mistakes }
}

function isOff(env: NodeJS.ProcessEnv, given: Partial<Config>): boolean {
  const enabled = CONFIG_ENTRIES.find(([name]) => name === 'enabled')?.[1] as ConfigEntry
  return (given.enabled ?? fromEnv(env, 'enabled', enabled)) === false
}

/** The value in an environment; a text that is none stays a text, to be found out. */
function fromEnv(env: NodeJS.ProcessEnv, name: keyof Config, entry: ConfigEntry): unknown {
  const text = textOf(env, entry.variable) || textOf(env, entry.fallbackVariable)
  if (!text) return undefined
  return entry.type === 'boolean' ? (FLAGS.get(text.toLowerCase()) ?? text) : normal(name, text)
}

function textOf(env: NodeJS.ProcessEnv, variable: string | undefined): string | undefined {
  return variable === undefined ? undefined : env[variable]?.trim()
}

function normal(name: keyof Config, value: unknown): unknown {
  return name === 'logLevel' && typeof value === 'string' ? (logLevelOf(value) ?? value) : value
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
])

/** What is wrong with a value, in words that follow its name. */
function mistakeIn(name: keyof Config, entry: ConfigEntry, value: unknown): string | undefined {
  if (entry.type === 'boolean') {
    return typeof value === 'boolean'
      ? undefined
      : `must be true or false (also yes, no, on, off, 1, 0), not ${show(value)}`
  }
  if (typeof value !== 'string') return `must be a text, not ${typeof value}`
  if (entry.enum !== undefined && !entry.enum.includes(value)) {
    return `must be one of ${entry.enum.join(', ')}, not ${show(value)}`
  }
  return MISTAKES[name]?.(value)
}

const MISTAKES: { readonly [Name in keyof Config]?: (value: string) => string | undefined } = {
  dsn: dsnMistake,
  spoolDir: fileInTheWay, // one that cannot be written is no reason to stop a service: events wait in memory
  logDir: folderMistake,
}

function dsnMistake(dsn: string): string | undefined {
  try {
    parseDsn(dsn)
    return undefined
  } catch (error) {
    return (error as Error).message.replace(/^The DSN /, '').replace(/\.$/, '')
  }
}

/** Somebody may have put a secret where it does not belong. */
function show(value: unknown): string {
  return JSON.stringify(String(redact(value)).slice(0, 40))
}
