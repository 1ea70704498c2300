import { type Command, InvalidArgumentError } from 'commander'
import { type ApiAccess, askApi } from '../api-client.js'
import { addApiOptions } from '../api-options.js'
import { CommandFailed } from '../command-failed.js'
import { print, printJson } from '../print.js'

/** A large store takes minutes; what has begun goes on when nobody waits any more. */
const TIMEOUT_MS = 3_600_000

interface EraseOptions extends ApiAccess {
  user?: string
  email?: string
  project?: number
  json?: boolean
}

interface Erased {
  events: number
  attachments: number
  feedback: number
  issues: number
  deadLetters: number
}

/** Through the API, which has it in its audit log. */
export function addEraseCommand(program: Command): void {
  const erase = program
    .command('erase')
    .description('delete everything about a user, for good')
    .option('--user <id>', 'events with this user.id')
    .option('--email <address>', 'events with this user.email, and feedback from there')
    .option('--project <n>', 'of this project only', readProject)
    .option('--json', 'print what the API answers')
  addApiOptions(erase).action(eraseUser)
}

async function eraseUser({ user, email, project, json, ...access }: EraseOptions): Promise<void> {
  if (!user && !email) throw new CommandFailed('Say whom, with --user or --email.', 2)
  const body = { userId: user, email, project }
  const sent = { body, timeoutMs: TIMEOUT_MS }
  const erased = (await askApi(access, '/erasures', 'POST', sent)) as Erased
  if (json) return printJson(erased)
  const { events, attachments, feedback, issues, deadLetters } = erased
  print(`Deleted: ${events} events of ${issues} issues, ${attachments} attachments, ${feedback} feedback.`)
  if (deadLetters > 0) {
    process.stderr.write(`The DLQ has ${deadLetters} events that nobody can look into: see faultline dlq.\n`)
  }
}

function readProject(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be the number of a project.')
}
