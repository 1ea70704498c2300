import { availableParallelism } from 'node:os'
import type { GoldenCase } from './golden.ts'
import { type Outcome, worstOf } from './outcome.ts'
import { labelOf } from './peers.ts'
import type { CaseResult, PeerRun } from './run-peer.ts'

/** docs/bench/http-edge.md */
export function edgeReport(runs: readonly PeerRun[], cases: readonly GoldenCase[]): string {
  const numbers = [...new Set(cases.map(({ number }) => number))].sort(inOrder)
  return `# What happens at the edge

${cases.length} cases of ${numbers.length} checks, each asked of a real service over a socket. Made by
\`npm run bench -- http-edge\`; nothing here is written by hand.

## Totals, in checks

| | pass | fail | at the media type | leak | hang | crash | – |
|---|---|---|---|---|---|---|---|
${runs.map((run) => totalsRow(run, numbers)).join('\n')}
${runs.map(brokenLine).join('')}
## Check by check

| | the first of its cases | cases | ${runs.map(({ peer }) => labelOf(peer)).join(' | ')} |
|---|---|---|${'---|'.repeat(runs.length)}
${numbers.map((number) => checkRow(number, runs, cases)).join('\n')}

- **pass**: all its cases did. Otherwise the worst of them, and how many passed: \`fail 3/12\`.
- **fail**: another answer, log record or header than the check asks for. **At the media type**: of these, the checks whose cases
  all ended there, because the answer is no \`application/problem+json\`; what else it would have missed nobody has looked at.
  A case that failed is asked a second time, because some have limits of milliseconds; the second answer counts.
- **leak**: something that the case marks as secret reached the client, the log or the report. That is looked for in every answer of
  a case that did not pass, whatever it failed by.
- **hang**: no result in 15 seconds (or the case's own longer time). **crash**: the process ended.
- **–**: all its cases are about Faultline's own API, or about another framework.

## Crashes and hangs

${runs.map(worstLines).join('\n')}

## How

Node ${process.versions.node} on ${process.platform}, ${availableParallelism()} cores. Every peer runs the same list, \`test/golden/\`, with
\`NODE_ENV=production\`, in child processes without a listener for uncaught exceptions: one that crashed or hung is replaced, and the
next case goes on. Two peers run at a time.

- Where a case throws an error of the application's catalogue, the peer's own kind of error is thrown instead, with the same status, text and
  headers, and with \`type\`, \`title\`, \`instance\` and extensions where it has a place for them.
- Peers are built in as their READMEs say (\`test/bench/src/http-edge/kits/\`). On Express each of them has a middleware of one line before
  it that logs the error, on Fastify error-iq a hook that does; boom and express-http-problem-details also one that makes unknown routes
  their own 404.
`
}

function totalsRow({ peer, results }: PeerRun, numbers: readonly string[]): string {
  const checks = numbers.map((number) => results.filter(({ golden }) => golden.number === number))
  const count = (wanted: Outcome | undefined) => checks.filter((check) => worstIn(check) === wanted).length
  const atMediaType = checks.filter((check) => worstIn(check) === 'fail' && check.every(failsAtMediaType))
  const counts = [
    count('pass'),
    count('fail'),
    atMediaType.length,
    count('leak'),
    count('hang'),
    count('crash'),
  ]
  return `| ${[labelOf(peer), ...counts, count(undefined)].join(' | ')} |`
}

function worstIn(check: readonly CaseResult[]): Outcome | undefined {
  return worstOf(check.map(({ outcome }) => outcome))
}

/** By the words of the assertion, which is the first of every check of an answer but its status. */
function failsAtMediaType({ outcome, message = '' }: CaseResult): boolean {
  return outcome === 'pass' || message.includes('application\\/problem\\+json')
}

function brokenLine({ peer, broken }: PeerRun): string {
  return broken === undefined ? '' : `\n${labelOf(peer)} could not be run: ${clean(withoutPaths(broken))}\n`
}

function checkRow(number: string, runs: readonly PeerRun[], cases: readonly GoldenCase[]): string {
  const own = cases.filter((golden) => golden.number === number)
  const cells = runs.map(({ results, broken }) => (broken ? 'broken' : cell(outcomesOf(results, number))))
  return `| ${[number, clean(own[0]?.title ?? ''), own.length, ...cells].join(' | ')} |`
}

function cell(several: readonly Outcome[]): string {
  const worst = worstOf(several)
  if (worst === undefined) return '–'
  if (worst === 'pass' || several.length === 1) return worst
  return `${worst} ${several.filter((outcome) => outcome === 'pass').length}/${several.length}`
}

function outcomesOf(results: readonly CaseResult[], number: string): Outcome[] {
  return results.filter(({ golden }) => golden.number === number).map(({ outcome }) => outcome)
}

function worstLines({ peer, results }: PeerRun): string {
  const worst = results.filter(({ outcome }) => outcome === 'crash' || outcome === 'hang')
  if (worst.length === 0) return `- ${labelOf(peer)}: none`
  const nameOf = ({ outcome, golden }: CaseResult) => `${outcome}: ${golden.number}`
  const lines = [...new Set(worst.map(nameOf))].map((name) => {
    const [first, ...more] = worst.filter((result) => nameOf(result) === name)
    const others = more.length > 0 ? ` (and ${more.length} more)` : ''
    return `  - ${name}, ${clean(first?.golden.title ?? '')}${others}`
  })
  return [`- ${labelOf(peer)}:`, ...lines].join('\n')
}

/** Titles hold angle brackets and pipes. */
function clean(text: string): string {
  return text.replace(/[|<>]/g, '\\$&')
}

/** Messages of the module loader hold the paths of this machine. */
function withoutPaths(message: string): string {
  return message.replace(/(?<![\w.@-])(?:file:\/\/)?(?:\/[^\s/'"]+)*\/([^\s/'"]+)/g, '$1')
}

/** 1, 2, …, 32, 32a, …, 80, R1, … */
function inOrder(a: string, b: string): number {
  const [aLife, bLife] = [a.startsWith('R'), b.startsWith('R')]
  if (aLife !== bLife) return aLife ? 1 : -1
  return a.localeCompare(b, 'en', { numeric: true })
}
