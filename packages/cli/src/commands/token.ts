import type { ApiToken, Role } from '@faultline/collector'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { withAuditedWriter } from '../audited.js'
import { CommandFailed } from '../command-failed.js'
import { addDataOptions, configOf, type DataOptions, withReader } from '../data-options.js'
import { print, printJson, printTable } from '../print.js'
import { readProjectId } from '../read-arguments.js'
import { timeOf } from '../shown-project.js'

interface CreateOptions extends DataOptions {
  role: Role
  project?: number[]
  json?: boolean
}

export function addTokenCommands(program: Command): void {
  const token = program.command('token').description('who may read and change: tokens of the API')
  const role = new Option('--role <role>', 'what it may do').choices(['admin', 'member', 'viewer'])
  const create = token
    .command('create')
    .description('make a token and print it, once')
    .argument('<name>', 'who or what uses it')
    .addOption(role.makeOptionMandatory())
    .option('--project <n>', 'see this project only; may be given several times', addProjectId)
    .option('--json', 'print the token with its id, name and role')
  addDataOptions(create).action(createToken)

  const list = token
    .command('list')
    .description('print the tokens, without their secret')
    .option('--json', 'as JSON')
  addDataOptions(list).action(listTokens)

  const revoke = token
    .command('revoke')
    .description('a running collector refuses it within five seconds')
    .argument('<id>', 'as `faultline token list` shows it', readId)
    .option('--json', 'print the token, without its secret')
  addDataOptions(revoke).action(revokeToken)
}

async function createToken(
  name: string,
  { role, project: projectIds, json, ...options }: CreateOptions,
): Promise<void> {
  const { hashToken, newToken } = await import('@faultline/collector')
  const token = newToken()
  const { data } = await configOf(options)
  const made = await withAuditedWriter(
    data,
    (store, now) => store.createToken({ name, role, hash: hashToken(token), projectIds }, now),
    ({ id }) => ({ action: 'token.create', target: `/tokens/${id}`, details: { name, role, projectIds } }),
  )
  if (json) printJson({ ...shownToken(made), token })
  else print(token)
}

async function listTokens({ json, ...options }: DataOptions & { json?: boolean }): Promise<void> {
  const { data } = await configOf(options)
  const tokens = await withReader(data, (store) => store.tokens())
  const shown = tokens.map(shownToken)
  if (json) printJson(shown)
  else
    printTable(
      ['ID', 'ROLE', 'PROJECTS', 'CREATED', 'REVOKED', 'NAME'],
      shown.map(({ id, role, projectIds, createdAt, revokedAt, name }) => [
        id,
        role,
        projectIds?.join() ?? 'all',
        createdAt,
        revokedAt ?? '-',
        name,
      ]),
    )
}

async function revokeToken(
  id: number,
  { json, ...options }: DataOptions & { json?: boolean },
): Promise<void> {
  const { data } = await configOf(options)
  const isRevoked = await withAuditedWriter(
    data,
    (store, now) => store.revokeToken(id, now),
    (isDone) => (isDone ? { action: 'token.revoke', target: `/tokens/${id}`, details: {} } : undefined),
  )
  if (!isRevoked)
    throw new CommandFailed(
      `There is no token ${id}, or it is revoked already: see \`faultline token list\`.`,
    )
  if (!json) return print(`Token ${id} is revoked.`)
  const tokens = await withReader(data, (store) => store.tokens())
  printJson(tokens.filter((token) => token.id === id).map(shownToken)[0])
}

/** As the API shows it. */
function shownToken({ id, name, role, projectIds, createdAt, revokedAt }: ApiToken) {
  return {
    id,
    name,
    role,
    projectIds: projectIds ?? null,
    createdAt: timeOf(createdAt),
    revokedAt: revokedAt === null ? null : timeOf(revokedAt),
  }
}

function addProjectId(text: string, before: number[] = []): number[] {
  return [...before, readProjectId(text)]
}

function readId(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be the number of a token.')
}
