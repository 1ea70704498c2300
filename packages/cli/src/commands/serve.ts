import type { Collector } from '@faultline/collector'
import type { Command } from 'commander'
import { print, remark } from '../print.js'

interface ServeOptions {
  port?: string
  host?: string
  data?: string
  config?: string
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('run the collector, until SIGTERM or SIGINT')
    .option('--port <port>', 'port to listen on; 0 takes a free one (default: 8600)')
    .option('--host <host>', 'address to listen on (default: 0.0.0.0)')
    .option('--data <dir>', 'folder of the databases; made if it is missing (default: ./faultline-data)')
    .option('--config <file>', 'configuration (default: faultline.config.json or .yaml, if it is there)')
    .action(serve)
}

async function serve({ config: file, ...overrides }: ServeOptions): Promise<void> {
  const { loadConfig, startCollector } = await import('@faultline/collector')
  const config = loadConfig({ file, env: process.env, overrides })
  const ended = signalled() // from here on: a start may have to upgrade the store first
  const collector = await startCollector(config)
  print(`Faultline listens on ${collector.url}`)
  if (await isEmpty(collector)) {
    remark(`Make a first project: faultline project create NAME --data ${config.data}`)
  }
  await inviteAdmin(collector)
  await ended
  await collector.close()
}

/** A collector without room for a link still has to run. */
async function inviteAdmin(collector: Collector): Promise<void> {
  try {
    const link = await collector.firstAdminLink()
    if (link === undefined) return
    process.stderr.write(`Sign in as administrator; this works once, for 24 hours: ${link}\n`)
  } catch (error) {
    process.stderr.write(`There is no link for the first administrator: ${(error as Error).message}\n`)
  }
}

/** Nobody may send yet; project 0 is the collector's own. A store that is being upgraded cannot be read, and has been in use. */
async function isEmpty({ reads }: Collector): Promise<boolean> {
  const projects = await reads.projects().catch(() => undefined)
  return projects?.every(({ id }) => id === 0) ?? false
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** The second signal is not heard: it ends the process at once. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    const hear = () => {
      resolve()
      // Not sooner: a library that listens as well lets the process die where it finds itself alone.
      setImmediate(() => SIGNALS.forEach((signal) => void process.off(signal, hear)))
    }
    for (const signal of SIGNALS) process.on(signal, hear)
  })
}
