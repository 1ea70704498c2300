import { availableParallelism } from 'node:os'
import type { Pace } from '../measure/measure-group.ts'
import { canPin } from '../measure/pinned-process.ts'
import { type Result, verdictOn } from '../measure/results.ts'
import type { Spread } from '../measure/statistics.ts'

/** docs/bench/http.md */
export function httpReport(results: readonly Result[], pace: Pace): string {
  const missed = results.filter((result) => verdictOn(result).includes('missed'))
  const summary =
    missed.length === 0
      ? `All ${results.length} targets are met.`
      : `${missed.length} of ${results.length} targets are missed.`
  return `# What error handling costs

${summary} Made by \`npm run bench -- http\`; nothing here is written by hand.

| case | framework | against | target | measured | A/A | CPU a request | requests/s | |
|---|---|---|---|---|---|---|---|---|
${results.map(row).join('\n')}

- **measured**: the median of ${pace.launches * pace.turns} turns or more, and the quartiles around it. A success is measured by the CPU time
  that a request costs more (\`process.cpuUsage()\` of the server, garbage collection and compilation included), an error by how many
  requests a second of CPU time answers, ours over the other side's: on an idle machine that is requests/s.
- **A/A**: the same comparison of the other side with itself, in the same turns: what chance alone does.
- **CPU a request** and **requests/s** (by the clock): medians, the other side → ours.

## How

Node ${process.versions.node} on ${process.platform}, ${availableParallelism()} cores. ${pinning()} Each server is a
process of its own, started ${pace.launches} times; the servers of a comparison take turns of ${pace.turnMs} ms in changing order after
${pace.warmUpMs} ms of warm-up, with autocannon keeping 64 connections busy. On a machine that does other
work as well only the ratios are worth reading, and only as far as A/A is narrow.

- Both sides run with \`NODE_ENV=production\`; the routes answer \`{"ok":true}\`, or throw an \`Error\` two calls below the handler.
- Not logged: Fastify with its logger off, Express with \`logger: false\`. Logged: both sides write the error with its stack, and the
  line of the request, by pino to \`/dev/null\`; on Express through pino-http, where a middleware of one line logs for the other side.
- Express' own handler is spared its \`console.error\` of every stack.
- Reported: our reporter drops what it gets; Sentry's SDK runs as its manual says, without tracing, and its transport drops what it gets.
`
}

function pinning(): string {
  return canPin
    ? 'The server has one core, the load generator the other.'
    : 'There is no `taskset` here: the server and the load generator shared the cores, and the numbers are the worse for it.'
}

function row(result: Result): string {
  const { group, comparison, ours, sameServer } = result
  const { measure, target } = comparison
  const cells = [
    comparison.title,
    group.framework,
    group.against,
    target === undefined ? '' : measure === 'added' ? `≤ ${target} µs` : `≥ ${target.toFixed(1)}`,
    say(ours, measure),
    say(sameServer, measure),
    `${result.baselineCpuMicros.toFixed(1)} → ${result.oursCpuMicros.toFixed(1)} µs`,
    `${round(result.baselineRate)} → ${round(result.oursRate)}`,
    verdictOn(result),
  ]
  return `| ${cells.join(' | ')} |`
}

function say({ median, low, high }: Spread, measure: 'added' | 'rate'): string {
  const unit = measure === 'added' ? ' µs' : ''
  return `${median.toFixed(2)}${unit} (${low.toFixed(2)} to ${high.toFixed(2)})`
}

function round(requestsPerSecond: number): string {
  return String(Math.round(requestsPerSecond / 100) * 100)
}
