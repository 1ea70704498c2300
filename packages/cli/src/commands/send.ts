import type { ReporterOptions } from '@faultline/node'
import type { Dsn } from '@faultline/protocol'
import type { Command } from 'commander'
import { CommandFailed } from '../command-failed.js'
import { print } from '../print.js'

const TIMEOUT_MS = 10_000

type Logger = NonNullable<ReporterOptions['logger']>

/** What the reporter says of a batch, with `debug`. */
interface Delivery {
  kind: 'accepted' | 'again' | 'too-large' | 'refused'
  rejected?: readonly number[]
  why?: string
}

export function addSendCommand(program: Command): void {
  program
    .command('send')
    .description('send one event, as a service would, and print its id once the collector has it')
    .argument('<dsn>', 'where to, as `faultline project list` shows it')
    .option('--type <type>', 'class of the error', 'TestError')
    .option('--message <message>', 'its message', 'A test event, sent by `faultline send`.')
    .action(send)
}

async function send(dsn: string, { type, message }: { type: string; message: string }): Promise<void> {
  const { baseUrl } = await read(dsn)
  const { id, kind, rejected = [], why = kind } = await deliver(dsn, namedError(type, message))
  if (kind !== 'accepted' || rejected.length > 0)
    throw new CommandFailed(`The collector at ${baseUrl} has not taken the event: ${inWords(why)}`)
  print(id)
}

/** Hears of the first attempt; a service would try again. */
async function deliver(dsn: string, error: Error): Promise<Delivery & { id: string }> {
  const { captureError, createReporter } = await import('@faultline/node')
  delete process.env.FAULTLINE_SPOOL_DIR // what cannot be sent now is not to be sent some day
  let hear: (delivery: Delivery) => void = () => undefined
  const delivered = new Promise<Delivery>((resolve) => {
    hear = resolve
  })
  const reporter = createReporter({
    dsn,
    enabled: true,
    service: 'faultline-cli',
    timeoutMs: TIMEOUT_MS,
    logger: listener(hear),
    debug: true,
  })
  const id = String(captureError(error, { reporter }))
  await Promise.race([delivered, reporter.flush(TIMEOUT_MS)])
  hear({ kind: 'again', why: 'it did not answer in time' })
  await reporter.close(0)
  return { id, ...(await delivered) }
}

/** A problem that it has answered is said by its title and detail; the reporter keeps the beginning of it only. */
function inWords(why: string): string {
  const [title, detail] = ['title', 'detail'].map((member) => {
    const text = new RegExp(`"${member}":("(?:[^"\\\\]|\\\\.)*")`).exec(why)?.[1]
    return text && (JSON.parse(text) as string)
  })
  if (title === undefined) return why
  return [why.slice(0, why.indexOf('{')).trim(), title, detail].filter(Boolean).join(' ')
}

/** A logger that waits for the one line about a delivery. */
function listener(hear: (delivery: Delivery) => void): Logger {
  const ignore = () => undefined
  const info = ({ outcome }: { outcome?: Delivery }) => outcome && hear(outcome)
  return { debug: ignore, info, warn: ignore, error: ignore }
}

/** @throws CommandFailed without any part of the DSN: it is a credential */
async function read(dsn: string): Promise<Dsn> {
  const { parseDsn } = await import('@faultline/protocol')
  try {
    return parseDsn(dsn)
  } catch (error) {
    throw new CommandFailed((error as Error).message, 2)
  }
}

function namedError(type: string, message: string): Error {
  return Object.defineProperty(new Error(message), 'name', { value: type })
}
