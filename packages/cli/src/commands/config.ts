import type { Command } from 'commander'
import { print, printJson, printTable } from '../print.js'

const FILE_OPTION = ['--config <file>', 'default: faultline.config.json or .yaml, if it is there'] as const

interface PrintOptions {
  config?: string
  json?: boolean
  port?: string
  host?: string
  data?: string
}

export function addConfigCommands(program: Command): void {
  const config = program.command('config').description('the configuration of the collector')
  config
    .command('check')
    .description('name every mistake in the configuration file and in FAULTLINE_… variables')
    .option(...FILE_OPTION)
    .action(async ({ config: file }: { config?: string }) => {
      const { loadConfig } = await import('@faultline/collector')
      loadConfig({ file, env: process.env })
      print('The configuration has no mistakes.')
    })
  config
    .command('print')
    .description('print every value that `faultline serve` would use, and where it comes from')
    .option('--json', 'as JSON')
    .option('--port <port>', 'as for `faultline serve`')
    .option('--host <host>', 'as for `faultline serve`')
    .option('--data <dir>', 'as for `faultline serve`')
    .option(...FILE_OPTION)
    .action(printConfig)
  config
    .command('schema')
    .description('print the JSON Schema of the configuration file, for editors')
    .action(async () => {
      const { configSchema } = await import('@faultline/collector')
      printJson(configSchema())
    })
}

async function printConfig({ config: file, json, ...overrides }: PrintOptions): Promise<void> {
  const { explainConfig } = await import('@faultline/collector')
  const entries = explainConfig({ file, env: process.env, overrides })
  if (json) printJson(entries.map(({ key, value = null, from }) => ({ key, value, from })))
  else
    printTable(
      ['KEY', 'VALUE', 'FROM'],
      entries.map(({ key, value, from }) => [key, textOf(value), from]),
    )
}

function textOf(value: unknown): string {
  if (value === undefined) return '-'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
