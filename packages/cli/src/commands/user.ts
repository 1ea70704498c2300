import type { CollectorConfig, OneTimeLink, Role, StoreWriter, User } from '@faultline/collector'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { collectorUrl } from '../collector-url.js'
import { CommandFailed } from '../command-failed.js'
import { addDataOptions, configOf, type DataOptions, withReader, withWriter } from '../data-options.js'
import { print, printJson, printTable } from '../print.js'

interface CreateOptions extends DataOptions {
  name?: string
  role: Role
  json?: boolean
}

export function addUserCommands(program: Command): void {
  const user = program.command('user').description('who may sign in: people')
  const role = new Option('--role <role>', 'what they may do').choices(['admin', 'member', 'viewer'])
  const create = user
    .command('create')
    .description('make a user and print their one-time link, which is valid for 24 hours')
    .argument('<email>', 'what they sign in with', readEmail)
    .option('--name <name>', 'what people call them (default: the e-mail address)', readName)
    .addOption(role.makeOptionMandatory())
    .option('--json', 'print the user with the link')
  addDataOptions(create).action(createUser)

  const reset = user
    .command('reset')
    .description('print a new one-time link, to set a new password; an earlier link ends')
    .argument('<name>', 'e-mail address or name of the user')
    .option('--json', 'print the user with the link')
  addDataOptions(reset).action(resetUser)

  const list = user.command('list').description('print the users').option('--json', 'as JSON')
  addDataOptions(list).action(listUsers)
}

async function createUser(email: string, { name, role, json, ...options }: CreateOptions): Promise<void> {
  const config = await configOf(options)
  const link = await newLink(config)
  const user = await withWriter(config.data, (store) => {
    const created = store.users.createUser({ email, name: name ?? email, role }, Date.now())
    return withLink(store, created, link)
  })
  printLink(user, link, json)
}

async function resetUser(
  name: string,
  { json, ...options }: DataOptions & { json?: boolean },
): Promise<void> {
  const config = await configOf(options)
  const users = await withReader(config.data, (store) => store.users())
  const user = findUser(users, name)
  const link = await newLink(config)
  await withWriter(config.data, (store) => withLink(store, user, link))
  printLink(user, link, json)
}

async function listUsers({ json, ...options }: DataOptions & { json?: boolean }): Promise<void> {
  const { data } = await configOf(options)
  const shown = (await withReader(data, (store) => store.users())).map(shownUser)
  if (json) printJson(shown)
  else
    printTable(
      ['ID', 'ROLE', 'E-MAIL', 'CREATED', 'DISABLED', 'NAME'],
      shown.map(({ id, role, email, createdAt, disabledAt, name }) => [
        id,
        role,
        email,
        createdAt,
        disabledAt ?? '-',
        name,
      ]),
    )
}

/** An e-mail address is one user's; a name may be several people's. */
function findUser(users: readonly User[], name: string): User {
  const wanted = name.trim().toLowerCase()
  const byEmail = users.filter(({ email }) => email === wanted)
  const found = byEmail.length > 0 ? byEmail : users.filter((user) => user.name.toLowerCase() === wanted)
  const [user, other] = found
  if (user === undefined) throw new CommandFailed(`There is no user ${name}: see \`faultline user list\`.`)
  if (other !== undefined)
    throw new CommandFailed(
      `Several users are called ${name}; name one by e-mail address: ${found.map(({ email }) => email).join(', ')}.`,
    )
  return user
}

async function newLink(config: CollectorConfig): Promise<OneTimeLink> {
  const { newOneTimeLink } = await import('@faultline/collector')
  return newOneTimeLink(await collectorUrl(config), Date.now())
}

function withLink({ users }: StoreWriter, user: User, { hash, expiresAt }: OneTimeLink): User {
  if (users.createOneTimeLink({ userId: user.id, hash, expiresAt }, Date.now())) return user
  throw new CommandFailed(`${user.email} is disabled: an administrator can enable them again.`)
}

function printLink(user: User, { link, expiresAt }: OneTimeLink, json = false): void {
  if (json) printJson({ ...shownUser(user), link, expiresAt: timeOf(expiresAt) })
  else print(link)
}

function shownUser({ createdAt, disabledAt, ...user }: User) {
  return {
    ...user,
    createdAt: timeOf(createdAt),
    disabledAt: disabledAt === null ? null : timeOf(disabledAt),
  }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}

function readEmail(text: string): string {
  const email = text.trim()
  if (/^[^\s@]+@[^\s@]+$/.test(email) && email.length <= 254) return email
  throw new InvalidArgumentError('It must be an e-mail address.')
}

function readName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.')
  return text.trim()
}
