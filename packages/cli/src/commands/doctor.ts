import type { Check, CollectorConfig } from '@faultline/collector'
import type { Command } from 'commander'
import { addDataOptions, configOf, type DataOptions } from '../data-options.js'
import { print, printJson } from '../print.js'

interface DoctorOptions extends DataOptions {
  quick?: boolean
  json?: boolean
}

export function addDoctorCommand(program: Command): void {
  const doctor = program
    .command('doctor')
    .description('examine the data folder, beside a collector or without one; 1 when anything has failed')
    .option('--quick', 'compare no indexes with their tables, which takes most of the time')
    .option('--json', 'print the checks as JSON')
  addDataOptions(doctor).action(examineData)
}

async function examineData({ quick, json, ...options }: DoctorOptions): Promise<void> {
  const { examine } = await import('@faultline/collector')
  const checks: Check[] = []
  const found = (check: Check) => {
    checks.push(check)
    if (!json) print(`${check.state.padEnd(7)}  ${check.name}: ${check.message}`)
  }
  const config = await configFor(options, found)
  const onProgress = (step: string) => {
    if (process.stderr.isTTY) process.stderr.write(`${step} …\n`)
  }
  for await (const check of examine({ config, isQuick: quick, now: Date.now(), onProgress })) found(check)
  if (json) printJson(checks)
  if (checks.some(({ state }) => state === 'failed')) process.exitCode = 1
}

/** Mistakes in it are a finding; the rest is examined with the defaults. */
async function configFor(options: DataOptions, found: (check: Check) => void): Promise<CollectorConfig> {
  const { ConfigMistakes, loadConfig } = await import('@faultline/collector')
  const name = 'configuration'
  try {
    const config = await configOf(options)
    found({ name, state: 'ok', message: 'It has no mistakes.' })
    return config
  } catch (error) {
    if (!(error instanceof ConfigMistakes)) throw error
    found({ name, state: 'failed', message: error.message.replaceAll('\n  - ', ' ') })
    return loadConfig({ env: {}, overrides: { data: options.data }, folder: import.meta.dirname })
  }
}
