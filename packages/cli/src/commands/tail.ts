import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { type ApiAccess, CollectorAway, openApi } from '../api-client.js'
import { addApiOptions } from '../api-options.js'
import { plainText, print } from '../print.js'

interface TailOptions extends ApiAccess {
  project?: string
  json?: boolean
}

/** As the API sends it. */
interface LiveIssue {
  shortId: string
  title: string
  severity: string
  status: string
  isNew: boolean
  isRegression: boolean
  events: number
  lastSeenAt: string
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000
/** Three heartbeats. */
const SILENCE_MS = 45_000

export function addTailCommand(program: Command): void {
  const tail = program
    .command('tail')
    .description('follow new and changed issues, until SIGINT or SIGTERM')
    .option('--project <n>', 'of this project only')
    .option('--json', 'print a line of JSON for each')
  addApiOptions(tail).action(follow)
}

/** Goes on when the collector goes away, but for one that was never there. */
async function follow({ url, token, project, json }: TailOptions): Promise<void> {
  const stop = stopped()
  const path = project === undefined ? '/live' : `/live?${new URLSearchParams({ project })}`
  let pauseMs = 0
  let wasThere = false
  const heard = (message: EventSourceMessage) => {
    pauseMs = 0
    if (message.event !== 'hello') return show(message, json)
    say(
      wasThere
        ? 'Connected again. `faultline issues` has what happened in between.'
        : `Following the issues of ${url}.`,
    )
    wasThere = true
  }
  while (!stop.aborted) {
    try {
      await sleep(pauseMs, undefined, { signal: stop })
      await listen({ url, token, path, stop }, heard)
    } catch (error) {
      if (stop.aborted) return
      if (!(error instanceof CollectorAway) || !wasThere) throw error
      if (pauseMs === 0) say('The collector is away: trying to connect again.')
      pauseMs = Math.min(Math.max(pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS)
    }
  }
}

/** @throws CollectorAway once the stream has ended, CommandFailed if it is refused */
async function listen(
  { path, stop, ...access }: ApiAccess & { path: string; stop: AbortSignal },
  onEvent: (message: EventSourceMessage) => void,
): Promise<never> {
  const silent = new AbortController()
  const silence = setTimeout(() => silent.abort(), SILENCE_MS)
  const signal = AbortSignal.any([stop, silent.signal])
  const parser = createParser({ onEvent })
  const decoder = new TextDecoder()
  try {
    const { body } = await openApi(access, path, { accept: 'text/event-stream', signal })
    for await (const bytes of body ?? []) {
      silence.refresh()
      parser.feed(decoder.decode(bytes, { stream: true }))
    }
  } catch (error) {
    if (!(error instanceof TypeError) && !silent.signal.aborted) throw error // fetch's, of a socket that has ended
  } finally {
    clearTimeout(silence)
  }
  throw new CollectorAway('The stream has ended.')
}

function show({ event, data }: EventSourceMessage, json: boolean | undefined): void {
  if (event === 'many') {
    const { issues } = JSON.parse(data) as { issues: number }
    say(`${issues} more issues have changed: \`faultline issues\` has them.`)
  }
  if (event !== 'issue') return
  print(json ? data : lineOf(JSON.parse(data) as LiveIssue))
}

function lineOf(issue: LiveIssue): string {
  const time = new Date(issue.lastSeenAt).toLocaleTimeString('en-GB') // with seconds, as the clock on the wall has it
  return [
    time,
    happened(issue).padEnd('unresolved'.length),
    issue.severity.padEnd('critical'.length),
    issue.shortId,
    plainText(issue.title),
  ].join('  ')
}

function happened({ isNew, isRegression, events, status }: LiveIssue): string {
  if (isNew) return 'NEW'
  if (isRegression) return 'REGRESSED'
  return events > 0 ? `+${events}` : status
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

function stopped(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
  return stop.signal
}
