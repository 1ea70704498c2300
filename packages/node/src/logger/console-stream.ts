import { createRequire } from 'node:module'
import { isatty } from 'node:tty'
import { type DestinationStream, destination } from 'pino'

const STDOUT = 1

/** Standard output, for people or for machines. */
export function consoleStream(form: true | 'pretty' | 'json'): DestinationStream {
  // A terminal that is gone takes its lines along, not the service.
  const stdout = destination({ dest: STDOUT, sync: true }).on('error', () => undefined)
  const isTerminal = isatty(STDOUT) // asking process.stdout would open it
  const isPretty = form === 'pretty' || (form === true && isTerminal)
  if (!isPretty) return stdout
  const require = createRequire(import.meta.url)
  const { prettyFactory } = require('pino-pretty') as typeof import('pino-pretty') // only developers wait for it
  const prettify = prettyFactory({ colorize: isTerminal, ignore: 'pid,hostname,service' })
  return { write: (line) => void stdout.write(prettify(line)) }
}
