import type { Command } from 'commander'
import { print } from '../print.js'

export function addConfigCommands(program: Command): void {
  program
    .command('config')
    .description('the configuration of the collector')
    .command('check')
    .description('name every mistake in the configuration file and in FAULTLINE_… variables')
    .option('--config <file>', 'default: faultline.config.json or .yaml, if it is there')
    .action(async ({ config: file }: { config?: string }) => {
      const { loadConfig } = await import('@faultline/collector')
      loadConfig({ file, env: process.env })
      print('The configuration has no mistakes.')
    })
}
