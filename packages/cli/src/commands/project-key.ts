import type { Command } from 'commander'
import { withAuditedWriter } from '../audited.js'
import { CommandFailed } from '../command-failed.js'
import { addDataOptions, configOf, type DataOptions, withReader } from '../data-options.js'
import { print, printJson, printTable } from '../print.js'
import { readKey, readProjectId } from '../read-arguments.js'
import { shownKey } from '../shown-project.js'

interface KeyOptions extends DataOptions {
  json?: boolean
}

export function addKeyCommands(project: Command): void {
  const key = project.command('key').description('the keys of a project: each has a DSN')
  const create = key
    .command('create')
    .description('make another key and print its DSN; those before go on working')
    .argument('<project>', 'number of the project', readProjectId)
    .option('--json', 'print the key instead of its DSN')
  addDataOptions(create).action(createKey)

  const list = key
    .command('list')
    .description('print the keys of a project, revoked ones too')
    .argument('<project>', 'number of the project', readProjectId)
    .option('--json', 'as JSON')
  addDataOptions(list).action(listKeys)

  const revoke = key
    .command('revoke')
    .description('a running collector refuses it within a second')
    .argument('<public-key>', 'its 32 hexadecimal digits, as in the DSN', readKey)
    .option('--json', 'print the key')
  addDataOptions(revoke).action(revokeKey)
}

async function createKey(projectId: number, { json, ...options }: KeyOptions): Promise<void> {
  const config = await configOf(options)
  const key = await withAuditedWriter(
    config.data,
    (store, now) => store.createKey(projectId, undefined, now),
    ({ publicKey }) => ({ action: 'key.create', target: keyAddress(projectId, publicKey), details: {} }),
  )
  const shown = await shownKey(key, config)
  if (json) printJson(shown)
  else print(shown.dsn)
}

async function listKeys(projectId: number, { json, ...options }: KeyOptions): Promise<void> {
  const config = await configOf(options)
  const projects = await withReader(config.data, (store) => store.projects())
  const project = projects.find(({ id }) => id === projectId)
  if (project === undefined)
    throw new CommandFailed(`There is no project ${projectId}: see \`faultline project list\`.`)
  const shown = await Promise.all(project.keys.map((key) => shownKey(key, config)))
  if (json) printJson(shown)
  else
    printTable(
      ['CREATED', 'REVOKED', 'DSN'],
      shown.map(({ createdAt, revokedAt, dsn }) => [createdAt, revokedAt ?? '-', dsn]),
    )
}

async function revokeKey(publicKey: string, { json, ...options }: KeyOptions): Promise<void> {
  const config = await configOf(options)
  const find = () =>
    withReader(config.data, (store) => store.keys().find((one) => one.publicKey === publicKey))
  const projectId = (await find())?.projectId
  const isRevoked = await withAuditedWriter(
    config.data,
    (store, now) => store.revokeKey(publicKey, now),
    (isDone) =>
      isDone ? { action: 'key.revoke', target: keyAddress(projectId, publicKey), details: {} } : undefined,
  )
  const key = await find()
  if (!isRevoked || key === undefined)
    throw new CommandFailed(
      'There is no such key, or it is revoked already: see `faultline project key list`.',
    )
  if (json) printJson(await shownKey(key, config))
  else print(`The key is revoked. It was of project ${key.projectId}.`)
}

function keyAddress(projectId: number | undefined, publicKey: string): string {
  return `/projects/${projectId}/keys/${publicKey}`
}
