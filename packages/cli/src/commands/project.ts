import type { Command } from 'commander'
import { withAuditedWriter } from '../audited.js'
import { addDataOptions, configOf, type DataOptions, withReader } from '../data-options.js'
import { print, printJson, printTable, remark } from '../print.js'
import { readKey, readName, readProjectId } from '../read-arguments.js'
import { shownProject } from '../shown-project.js'
import { addKeyCommands } from './project-key.js'

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
    .option('--id <n>', 'its number, to keep an existing DSN', readProjectId)
    .option('--key <hex>', 'its key of 32 hexadecimal digits, to keep an existing DSN', readKey)
    .option('--json', 'print the project instead of its DSN')
  addDataOptions(create).action(createProject)

  const list = project
    .command('list')
    .description('print the projects and their DSNs')
    .option('--json', 'as JSON')
  addDataOptions(list).action(listProjects)

  addKeyCommands(project)
}

async function createProject(name: string, { id, key, json, ...options }: CreateOptions): Promise<void> {
  const config = await configOf(options)
  const project = await withAuditedWriter(
    config.data,
    (store, now) => store.createProject({ name, id, publicKey: key }, now),
    ({ id }) => ({ action: 'project.create', target: `/projects/${id}`, details: { name } }),
  )
  const shown = await shownProject(project, config)
  if (json) printJson(shown)
  else print(shown.dsn ?? '')
  const others = await withReader(config.data, (store) => store.projects())
  const twins = others.filter((other) => other.name === name && other.id !== project.id)
  for (const twin of twins) remark(`There is another project ${name}: ${twin.id}. This one is ${project.id}.`)
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
