import { type Command, Option } from 'commander'
import { type ApiAccess, askApi } from '../api-client.js'
import { addApiOptions } from '../api-options.js'
import { plainText, printJson, printTable } from '../print.js'

interface ListOptions extends ApiAccess {
  project?: string
  status?: string
  sort?: string
  since?: string
  limit: string
  cursor?: string
  json?: boolean
}

/** As far as it is shown. */
export interface ListedIssue {
  shortId: string
  severity: string
  status: string
  count: number
  users: number
  lastSeenAt: string
  title: string
}

interface IssuePage {
  items: ListedIssue[]
  nextCursor: string | null
}

const HEADS = ['ID', 'SEVERITY', 'STATUS', 'EVENTS', 'USERS', 'SEEN', 'TITLE']
const GAP = 2
const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const

export function addIssuesCommand(program: Command): void {
  const issues = program
    .command('issues')
    .description('print issues: those that a search finds, or all that are unresolved')
    .argument('[query...]', 'in the search language; behind -- if it begins with a minus')
    .option('--project <n>', 'of this project only')
    .addOption(
      new Option('--status <status>', 'default: unresolved, unless the query asks for one').choices([
        'unresolved',
        'resolved',
        'muted',
        'all',
      ]),
    )
    .addOption(
      new Option('--sort <sort>', 'default: lastSeen').choices(['lastSeen', 'firstSeen', 'events', 'users']),
    )
    .option('--since <time>', 'seen since then: 2026-11-23, or so long ago, like -24h')
    .option('--limit <n>', 'at most so many, up to 200', '50')
    .option('--cursor <cursor>', 'go on behind an earlier list')
    .option('--json', 'print what the API answers')
  addApiOptions(issues).action(listIssues)
}

async function listIssues(words: string[], { url, token, json, ...filter }: ListOptions): Promise<void> {
  const asked = new URLSearchParams({ ...filter, ...(words.length > 0 && { query: words.join(' ') }) })
  const page = (await askApi({ url, token }, `/issues?${asked}`)) as IssuePage
  if (json) return printJson(page)
  if (page.items.length === 0) process.stderr.write('There are no such issues.\n')
  else printTable(HEADS, issueRows(page.items, { now: Date.now(), width: process.stdout.columns }))
  if (page.nextCursor !== null) process.stderr.write(`There are more: --cursor ${page.nextCursor}\n`)
}

/**
 * The rows of the table.
 * @param width of the terminal, in characters; without it titles are as long as they are
 */
export function issueRows(
  issues: readonly ListedIssue[],
  { now, width = Number.POSITIVE_INFINITY }: { now: number; width?: number | undefined },
): string[][] {
  const rows = issues.map(({ shortId, severity, status, count, users, lastSeenAt }) =>
    [shortId, severity, status, count, users, age(lastSeenAt, now)].map(String),
  )
  const widths = HEADS.slice(0, -1).map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const left = Math.max(width - widths.reduce((sum, one) => sum + one + GAP, 0), 10)
  return rows.map((row, index) => [...row, cut(plainText(issues[index]?.title ?? ''), left)])
}

/** `3m`, `2h`: the greatest unit says enough. A clock that is behind the collector's counts as now. */
function age(time: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000))
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ['s', 1]
  return `${Math.floor(seconds / size)}${unit}`
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
