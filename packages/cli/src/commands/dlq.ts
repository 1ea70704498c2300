import { type Command, InvalidArgumentError } from 'commander'
import { type ApiAccess, askApi } from '../api-client.js'
import { addApiOptions } from '../api-options.js'
import { CommandFailed } from '../command-failed.js'
import { print, printJson, printTable } from '../print.js'

interface DeadLetter {
  id: string
  project: number
  receivedAt: string
  stage: string
  reason: string
  count: number
}

interface ListOptions extends ApiAccess {
  project?: string
  limit: string
  cursor?: string
  json?: boolean
}

/** Through the API, because a replay needs the collector that runs. */
export function addDlqCommands(program: Command): void {
  const dlq = program.command('dlq').description('events that could not be digested')
  const list = dlq
    .command('list')
    .description('print them, newest first')
    .option('--project <n>', 'of this project only')
    .option('--limit <n>', 'at most so many, up to 200', '50')
    .option('--cursor <cursor>', 'go on behind an earlier list')
    .option('--json', 'print what the API answers')
  addApiOptions(list).action(listDeadLetters)

  addApiOptions(dlq.command('show').description('print one as JSON').argument('<id>', '', readId)).action(
    async (id: string, access: ApiAccess) => printJson(await askApi(access, `/dlq/${id}`)),
  )

  const replay = dlq
    .command('replay')
    .description('digest them again, after a fix')
    .argument('<id...>', '', readIds)
  addApiOptions(replay).action((ids: string[], access: ApiAccess) =>
    forEach(ids, async (id) => {
      const { outcomes } = (await askApi(access, `/dlq/${id}/replay`, 'POST')) as {
        outcomes: { outcome: string; count: number }[]
      }
      return `Replayed ${id}: ${outcomes.map(({ outcome, count }) => `${count} ${outcome}`).join(', ')}`
    }),
  )

  const remove = dlq.command('delete').description('give them up for good').argument('<id...>', '', readIds)
  addApiOptions(remove).action((ids: string[], access: ApiAccess) =>
    forEach(ids, async (id) => {
      await askApi(access, `/dlq/${id}`, 'DELETE')
      return `Deleted ${id}.`
    }),
  )
}

async function listDeadLetters({ project, limit, cursor, json, ...access }: ListOptions): Promise<void> {
  const query = new URLSearchParams({ limit, ...(project && { project }), ...(cursor && { cursor }) })
  const page = (await askApi(access, `/dlq?${query}`)) as { items: DeadLetter[]; nextCursor: string | null }
  if (json) return printJson(page)
  const rows = page.items.map(({ id, receivedAt, project, count, stage, reason }) => [
    id,
    receivedAt,
    project,
    count,
    stage,
    reason,
  ])
  printTable(['ID', 'RECEIVED', 'PROJECT', 'EVENTS', 'STAGE', 'REASON'], rows)
  if (page.nextCursor !== null) process.stderr.write(`There are more: --cursor ${page.nextCursor}\n`)
}

/** One that fails does not keep the others from their turn. */
async function forEach(ids: readonly string[], work: (id: string) => Promise<string>): Promise<void> {
  const failures: string[] = []
  for (const id of ids) {
    try {
      print(await work(id))
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      failures.push(`${id}: ${error.message}`)
    }
  }
  if (failures.length > 0) throw new CommandFailed(failures.join('\n'))
}

function readId(text: string): string {
  if (/^\d+$/.test(text)) return text
  throw new InvalidArgumentError('It must be an id that `faultline dlq list` shows.')
}

function readIds(text: string, before: readonly string[] = []): string[] {
  return [...before, readId(text)]
}
