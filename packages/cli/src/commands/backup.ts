import { resolve } from 'node:path'
import type { Manifest } from '@faultline/collector'
import type { Command } from 'commander'
import { addDataOptions, configOf, type DataOptions } from '../data-options.js'
import { print, printJson } from '../print.js'
import { type ProgressBar, startProgressBar } from '../progress-bar.js'

interface BackupOptions extends DataOptions {
  force?: boolean
  json?: boolean
}

/** @param version of the program, which a backup names */
export function addBackupCommands(program: Command, version: string): void {
  const backup = program
    .command('backup')
    .description('copy all data into one file, while the collector runs')
    .argument('<file>', 'what to write; it is complete once it is there')
    .option('--force', 'replace a file that is there')
    .option('--json', 'print what is in it as JSON')
  addDataOptions(backup).action((file: string, options: BackupOptions) => makeBackup(file, options, version))

  const restore = program
    .command('restore')
    .description('make a data folder of a backup, once all of it is checked')
    .argument('<file>', 'what `faultline backup` has written')
    .option('--json', 'print what is in it as JSON')
  addDataOptions(restore).action(restoreFile)
}

async function makeBackup(file: string, options: BackupOptions, version: string): Promise<void> {
  const { writeBackup } = await import('@faultline/collector')
  const { data, minFreeDiskBytes } = await configOf(options)
  const manifest = await withBar(({ show }) =>
    writeBackup({
      data,
      file,
      force: options.force,
      now: Date.now(),
      faultline: version,
      minFreeDiskBytes,
      onProgress: show,
    }),
  )
  if (options.json) printJson(manifest)
  else print(`${resolve(file)} holds ${contentsOf(manifest)}.`)
}

async function restoreFile(file: string, options: BackupOptions): Promise<void> {
  const { restoreBackup } = await import('@faultline/collector')
  const { data } = await configOf(options)
  const manifest = await withBar(({ show }) => restoreBackup({ file, data, onProgress: show }))
  if (options.json) printJson(manifest)
  else print(`${resolve(data)} holds ${contentsOf(manifest)}, as of ${manifest.madeAt}.`)
}

async function withBar<Result>(work: (bar: ProgressBar) => Promise<Result>): Promise<Result> {
  const bar = startProgressBar()
  try {
    return await work(bar)
  } finally {
    bar.stop()
  }
}

function contentsOf({ counts }: Manifest): string {
  const { projects, issues, events, queueBodies } = counts
  return `${events} events, ${issues} issues, ${projects} projects and ${queueBodies} bodies that are not digested yet`
}
