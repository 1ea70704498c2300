import { hostname } from 'node:os'
import { type Logger, multistream, pino, type StreamEntry } from 'pino'
import { refuse } from '../config/check-options.js'
import { readConfig } from '../config/load-config.js'
import { nodeErrors } from '../errors.js'
import { surroundings } from '../event/surroundings.js'
import { consoleStream } from './console-stream.js'
import { errorSerializers, serializeErrors } from './error-fields.js'
import { loggerMistakes } from './logger-mistakes.js'
import type { LoggerOptions } from './logger-options.js'
import { lineRedactor } from './redact-line.js'
import { openRollingFile } from './rolling-file.js'

const FILE_BYTES = 10_485_760
const KEEP_FILES = 14
const LABELS: { readonly [name: string]: string } = { logLevel: 'level', logDir: 'dir' }

/**
 * A pino logger that filters secrets from everything it writes, and loses nothing of an error. Every line is written when the call
 * returns, to the console and to the files. It serves as `loggerInstance` of Fastify and as `logger` of pino-http.
 * @throws InvalidConfiguration naming every mistake, also when a file cannot be opened.
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { config, mistakes } = readConfig({
    env: process.env,
    given: { logLevel: options.level as never, service: options.service, logDir: options.dir },
    labelOf: (name) => `createLogger: ${LABELS[name] ?? name}`,
    only: ['logLevel', 'service', 'logDir'],
  })
  mistakes.push(...loggerMistakes(options))
  refuse(mistakes)
  const { service } = surroundings({ service: config.service })
  const streams = [...consoleStreams(options), ...fileStreams(options, config.logDir)]
  return pino(
    {
      level: config.logLevel,
      base: { pid: process.pid, hostname: hostname(), service },
      serializers: errorSerializers,
      formatters: { log: serializeErrors },
      hooks: { streamWrite: lineRedactor(options.redact) },
    },
    multistream(streams),
  )
}

function consoleStreams({ console = true }: LoggerOptions): StreamEntry[] {
  return console === false ? [] : [{ level: 'trace', stream: consoleStream(console) }]
}

function fileStreams(options: LoggerOptions, dir: string | undefined): StreamEntry[] {
  if (dir === undefined) return []
  const { fileBytes = FILE_BYTES, keepFiles = KEEP_FILES } = options
  try {
    return [
      { level: 'trace', stream: openRollingFile({ dir, name: 'app', fileBytes, keepFiles }) },
      { level: 'error', stream: openRollingFile({ dir, name: 'error', fileBytes, keepFiles }) },
    ]
  } catch (error) {
    const label = options.dir === undefined ? 'FAULTLINE_LOG_DIR' : 'createLogger: dir'
    const mistakes = [
      `${label} cannot be used: ${(error as Error).message}; name a folder that can be written`,
    ]
    throw new nodeErrors.InvalidConfiguration({ mistakes }, { cause: error })
  }
}
