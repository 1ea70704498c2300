import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ResolvedDefinition } from '@faultline/core'
import type { Command } from 'commander'
import { CommandFailed } from '../command-failed.js'
import { printJson, printTable } from '../print.js'

interface ProblemsOptions {
  export?: string
  client?: boolean
  json?: boolean
}

/** As far as it is shown: of whatever copy of @faultline/core. */
export type Definition = Pick<ResolvedDefinition, 'name' | 'status' | 'type' | 'title'>

type Exports = Readonly<Record<string, unknown>>

export function addProblemsCommand(program: Command): void {
  program
    .command('problems')
    .description('print the problems of a catalogue')
    .argument('<catalogue>', 'a module that exports what `defineProblems` has made')
    .option('--export <name>', 'of this export only; default: all catalogues that it exports')
    .option('--client', 'print what parseProblem of @faultline/core/client takes: base and types')
    .option('--json', 'print them as JSON')
    .action(showProblems)
}

async function showProblems(file: string, options: ProblemsOptions): Promise<void> {
  const definitions = definitionsOf(await load(file), file, options.export)
  if (options.client) return printJson(await clientOptions(definitions))
  const shown = definitions.map(({ name, status, type, title }) => ({ name, status, type, title }))
  if (options.json) return printJson(shown)
  printTable(
    ['NAME', 'STATUS', 'TYPE', 'TITLE'],
    shown.map(({ name, status, type, title }) => [name, status, type, title]),
  )
}

/** `{ base, types }` for a client that has no more than the type of the catalogue. */
async function clientOptions(definitions: readonly Definition[]) {
  const { clientOptionsOf } = await import('../client-options.js')
  const { mistaken, ...options } = clientOptionsOf(definitions)
  for (const { name, as } of mistaken)
    process.stderr.write(`A client cannot tell ${name} from ${as}: they have the same type and status.\n`)
  return options
}

async function load(file: string): Promise<Exports> {
  const path = resolve(file)
  if (!existsSync(path)) throw new CommandFailed(`There is no file ${path}.`, 2)
  try {
    return (await import(pathToFileURL(path).href)) as Exports
  } catch (error) {
    throw new CommandFailed(`${path} cannot be loaded. ${error instanceof Error ? error.stack : error}`)
  }
}

function definitionsOf(exported: Exports, file: string, name: string | undefined): Definition[] {
  const catalogues = cataloguesOf(exported)
  const found = name === undefined ? [...catalogues.values()] : [catalogues.get(name) ?? {}]
  const definitions = new Map<string, Definition>()
  for (const { definition } of found.flatMap((catalogue) => Object.values(catalogue))) {
    const known = definitions.get(definition.name)
    if (known !== undefined && (known.type !== definition.type || known.status !== definition.status))
      throw new CommandFailed(
        `${definition.name} is in two catalogues of ${file}: choose one with --export, of ${[...catalogues.keys()].join(', ')}.`,
        2,
      )
    definitions.set(definition.name, definition)
  }
  if (definitions.size > 0) return [...definitions.values()]
  const wanted = name === undefined ? 'no catalogue' : `no catalogue ${name}`
  throw new CommandFailed(
    `${file} exports ${wanted} that \`defineProblems\` has made. ${exportsText(exported, catalogues)}`,
    2,
  )
}

function exportsText(exported: Exports, catalogues: ReadonlyMap<string, Catalogue>): string {
  if (catalogues.size > 0) return `It has ${[...catalogues.keys()].join(', ')}.`
  const names = Object.keys(exported)
  return names.length === 0 ? 'It exports nothing.' : `It exports ${names.join(', ')}.`
}

type Catalogue = Readonly<Record<string, { definition: Definition }>>

/** By export. What a CommonJS module exports is the members of its default. */
function cataloguesOf(exported: Exports): Map<string, Catalogue> {
  const inner = exported.default
  const members = isObject(inner) && !isCatalogue(inner) ? { ...inner, ...exported } : exported
  const found = new Map<string, Catalogue>()
  for (const [name, value] of Object.entries(members)) {
    if (isCatalogue(value) && ![...found.values()].includes(value)) found.set(name, value)
  }
  return found
}

function isCatalogue(value: unknown): value is Catalogue {
  if (!isObject(value)) return false
  const classes = Object.values(value)
  return (
    classes.length > 0 &&
    classes.every((one) => typeof one === 'function' && 'definition' in one && isDefinition(one.definition))
  )
}

function isDefinition(value: unknown): boolean {
  return isObject(value) && typeof value.type === 'string' && typeof value.status === 'number'
}

function isObject(value: unknown): value is Exports {
  return typeof value === 'object' && value !== null
}
