import type { Role } from '@faultline/collector'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CommandFailed } from '../command-failed.js'
import { addDataOptions, configOf, type DataOptions, withReader, withWriter } from '../data-options.js'
import { print, printJson, printTable } from '../print.js'

interface CreateOptions extends DataOptions {
  role: Role
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
  addDataOptions(revoke).action(revokeToken)
}

async function createToken(name: string, { role, json, ...options }: CreateOptions): Promise<void> {
  const { hashToken, newToken } = await import('@faultline/collector')
  const token = newToken()
  const { data } = await configOf(options)
  const { id } = await withWriter(data, (store) =>
    store.createToken({ name, role, hash: hashToken(token) }, Date.now()),
  )
  if (json) printJson({ id, name, role, token })
  else print(token)
}

async function listTokens({ json, ...options }: DataOptions & { json?: boolean }): Promise<void> {
  const { data } = await configOf(options)
  const tokens = await withReader(data, (store) => store.tokens())
  const shown = tokens.map(({ createdAt, revokedAt, ...token }) => ({
    ...token,
    createdAt: timeOf(createdAt),
    revokedAt: revokedAt === null ? null : timeOf(revokedAt),
  }))
  if (json) printJson(shown)
  else
    printTable(
      ['ID', 'ROLE', 'CREATED', 'REVOKED', 'NAME'],
      shown.map(({ id, role, createdAt, revokedAt, name }) => [id, role, createdAt, revokedAt ?? '-', name]),
    )
}

async function revokeToken(id: number, options: DataOptions): Promise<void> {
  const { data } = await configOf(options)
  const isRevoked = await withWriter(data, (store) => store.revokeToken(id, Date.now()))
  if (!isRevoked)
    throw new CommandFailed(
      `There is no token ${id}, or it is revoked already: see \`faultline token list\`.`,
    )
  print(`Token ${id} is revoked.`)
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}

function readId(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be the number of a token.')
}
