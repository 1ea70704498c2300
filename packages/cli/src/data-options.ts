import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CollectorConfig, StoreReader, StoreWriter } from '@faultline/collector'
import type { Command } from 'commander'
import { CommandFailed } from './command-failed.js'

/** What a command that works on the data itself is told. */
export interface DataOptions {
  data?: string
  config?: string
}

export function addDataOptions(command: Command): Command {
  return command
    .option('--data <dir>', 'folder of the databases (default: the configuration’s, else ./faultline-data)')
    .option('--config <file>', 'configuration (default: faultline.config.json or .yaml, if it is there)')
}

/** @throws ConfigMistakes */
export async function configOf({ data, config: file }: DataOptions): Promise<CollectorConfig> {
  const { loadConfig } = await import('@faultline/collector')
  return loadConfig({ file, env: process.env, overrides: { data } })
}

/** Opens the store itself, beside a collector that may be running or may never have run. @throws CannotStart, StoreUnusable */
export async function withWriter<Result>(
  data: string,
  work: (store: StoreWriter) => Result,
): Promise<Result> {
  const { makeDataFolder, openStoreWriter } = await import('@faultline/collector')
  makeDataFolder(data)
  return closing(openStoreWriter(storeFile(data)), work)
}

/** @throws CommandFailed where there is nothing yet, StoreUnusable */
export async function withReader<Result>(
  data: string,
  work: (store: StoreReader) => Result,
): Promise<Result> {
  const { openStoreReader } = await import('@faultline/collector')
  const file = storeFile(data)
  if (!existsSync(file))
    throw new CommandFailed(
      `There is nothing in ${resolve(data)} yet: name the folder of a collector with --data, or make a first project with \`faultline project create\`.`,
    )
  return closing(openStoreReader(file), work)
}

function closing<Store extends { close(): void }, Result>(
  store: Store,
  work: (store: Store) => Result,
): Result {
  try {
    return work(store)
  } finally {
    store.close()
  }
}

function storeFile(data: string): string {
  return join(resolve(data), 'store.db')
}
