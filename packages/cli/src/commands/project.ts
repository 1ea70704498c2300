import type { CollectorConfig, Project } from '@faultline/collector'
import { type Command, InvalidArgumentError } from 'commander'
import { addDataOptions, configOf, type DataOptions, withReader, withWriter } from '../data-options.js'
import { print, printJson, printTable } from '../print.js'

interface CreateOptions extends DataOptions {
  id?: number
  key?: string
  json?: boolean
}

export function addProjectCommands(program: Command): void {
  const project = program.command('project').description('who may send: projects and their DSNs')
  const create = project
    .command('create')
    .description('make a project and print its DSN; a running collector knows it within a second')
    .argument('<name>', 'what people call it', readName)
    .option('--id <n>', 'its number, to keep an existing DSN', readId)
    .option('--key <hex>', 'its key of 32 hexadecimal digits, to keep an existing DSN', readKey)
    .option('--json', 'print the project instead of its DSN')
  addDataOptions(create).action(createProject)

  const list = project
    .command('list')
    .description('print the projects and their DSNs')
    .option('--json', 'as JSON')
  addDataOptions(list).action(listProjects)
}

async function createProject(name: string, { id, key, json, ...options }: CreateOptions): Promise<void> {
  const config = await configOf(options)
  const project = await withWriter(config.data, (store) =>
    store.createProject({ name, id, publicKey: key }, Date.now()),
  )
  const shown = await shownProject(project, config)
  if (json) printJson(shown)
  else print(shown.dsn ?? '')
}

async function listProjects({ json, ...options }: DataOptions & { json?: boolean }): Promise<void> {
  const config = await configOf(options)
  const projects = await withReader(config.data, (store) => store.projects())
  const shown = await Promise.all(projects.map((project) => shownProject(project, config)))
  if (json) printJson(shown)
  else
    printTable(
      ['ID', 'NAME', 'DSN'],
      shown.map(({ id, name, dsn }) => [id, name, dsn ?? '-']),
    )
}

/** As the API shows it, with the DSN that is to be used. */
async function shownProject(project: Project, config: CollectorConfig) {
  const { dsnOf, publicUrlOf } = await import('@faultline/collector')
  const { id, name, slug, createdAt, keys } = project
  const url = publicUrlOf(config)
  const shownKeys = keys.map((key) => ({
    publicKey: key.publicKey,
    dsn: dsnOf(key, url),
    createdAt: timeOf(key.createdAt),
    revokedAt: key.revokedAt === null ? null : timeOf(key.revokedAt),
  }))
  const dsn = shownKeys.find(({ revokedAt }) => revokedAt === null)?.dsn ?? null
  return { id, name, slug, dsn, createdAt: timeOf(createdAt), keys: shownKeys }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}

function readName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.')
  return text.trim()
}

function readId(text: string): number {
  const id = Number(text)
  if (/^\d+$/.test(text) && id > 0 && Number.isSafeInteger(id)) return id
  throw new InvalidArgumentError('It must be a whole number from 1.')
}

function readKey(text: string): string {
  if (/^[\da-f]{32}$/i.test(text)) return text.toLowerCase()
  throw new InvalidArgumentError('It must have 32 hexadecimal digits.')
}
