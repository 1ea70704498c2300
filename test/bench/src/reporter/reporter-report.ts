import { availableParallelism, cpus } from 'node:os'
import type { Pace } from '../measure/measure-group.ts'
import { canPin } from '../measure/pinned-process.ts'
import { type Result, verdictOn } from '../measure/results.ts'
import type { Spread } from '../measure/statistics.ts'
import type { ReporterResults } from './bench-reporter.ts'
import type { CallResult, Mix } from './measure-calls.ts'
import type { Destination, Memory, MemoryResult } from './measure-memory.ts'

const CALL_MICROS = 20
const MEMORY_MB = 20

/** docs/bench/reporter.md */
export function reporterReport(results: ReporterResults, pace: Record<'success' | 'failing', Pace>): string {
  const { calls, success, failing, memory } = results
  return `# What the reporter costs

${summary(results)} Made by \`npm run bench -- reporter\`; nothing here is written by hand.

## A call of \`report()\`

| errors | target | p50 | p99 | CPU a call | sent | | CPU behind it, an event | on the main thread | events a second of CPU |
|---|---|---|---|---|---|---|---|---|---|
${calls.map(callRow).join('\n')}

- What a request waits for: the call itself, with reports as core's error handler makes them, of 16 to 20 frames, whose stack was read
  before. **p50** and **p99** by the clock, each call in a turn of its own; **CPU a call**: the mean of calls that follow each other at once.
- **CPU behind it**: what building, packing, zipping and sending costs afterwards, on all threads, for each event; measured
  without storm control, so that every error is an event.

## A request that succeeds

| framework | against | target | added CPU | A/A | CPU a request | requests/s | |
|---|---|---|---|---|---|---|---|
${success.map(successRow).join('\n')}

The error handler is on both sides, with its defaults; on ours a reporter that also counts the requests.

## A request that fails

| errors | framework | target | ours, a second of CPU | A/A | ours, by the clock | CPU a request | requests/s | events a request | |
|---|---|---|---|---|---|---|---|---|---|
${failing.map(failingRow).join('\n')}

- Each figure is ours over that of \`@sentry/node\` 11, set up for the framework as its manual says, without tracing and with its
  defaults. Both report to the same collector, log nothing, and throw two calls below the handler.
- **A second of CPU**: requests that one answers. All that is done until nothing waits any more is paid for by the turn that it
  comes from. The verdict is about this; **by the clock** is what the load generator saw. **CPU a request**, **requests/s** and **events a
  request** (those that arrived): medians, Sentry → ours.
- Ours sends 100 equal errors a minute and counts the rest, which is told to the collector; equal are those with the same stack.
  *All are sent* is with \`maxEqualPerMinute: Infinity\`. Sentry's SDK drops an error that is equal to the one before, message
  included, and what does not fit into its 64 places for requests; ours drops what does not fit into 10 MB.

## Memory

| collector | errors | target | RSS at the start → before → after | heap at the start → before → after | RSS grew by | sent | counted | on disk | in memory | dropped | |
|---|---|---|---|---|---|---|---|---|---|---|---|
${memory.map(memoryRow).join('\n')}

In MB, after garbage collection that gives empty pages back to the system. **Start**: the reporter is there. **Before**: after
the first 20 000 errors, when code is compiled and buffers are as large as they will be. One in fifty errors is of a new kind, the others are of fifty kinds. With the
collector down, up to 10 MB wait in memory when it is measured. *Switched off* is the same with \`enabled: false\`: what the errors
themselves do to a process.

## How

Node ${process.versions.node} on ${process.platform}, ${availableParallelism()} cores (${cpus()[0]?.model.trim()}). ${pinning()} Each service, the load generator
and the collector are processes of their own. Services are started ${pace.success.launches} times for requests that succeed and take ${pace.success.turns} turns of ${pace.success.turnMs} ms,
${pace.failing.launches} times and ${pace.failing.turns} turns of ${pace.failing.turnMs} ms for those that fail, in changing order, after a warm-up, with 64 connections; shown are the
median and the quartiles around it. **A/A** is the other side compared with itself in the same turns: what chance alone does. On a machine that does
other work as well only the ratios are worth reading, and only as far as A/A is narrow.
`
}

function summary({ calls, success, failing, memory }: ReporterResults): string {
  const verdicts = [
    ...calls.map(callVerdict),
    ...[...success, ...failing].map(verdictOn),
    ...memory.map(memoryVerdict),
  ].filter((verdict) => verdict !== '')
  const missed = verdicts.filter((verdict) => verdict.includes('missed')).length
  return missed === 0
    ? `All ${verdicts.length} targets are met.`
    : `${missed} of ${verdicts.length} targets are missed.`
}

function pinning(): string {
  return canPin
    ? 'The service has one core, the load generator and the collector share the other.'
    : 'There is no `taskset` here: all share the cores, and the numbers are the worse for it.'
}

const mixNames: Record<Mix, string> = {
  new: 'each of a new kind',
  storm: 'the same one again and again',
  fifty: 'of fifty kinds',
}

function callVerdict({ p50Micros }: CallResult): string {
  return p50Micros < CALL_MICROS ? 'met' : '**missed**'
}

function callRow(call: CallResult): string {
  const cells = [
    mixNames[call.mix],
    `p50 < ${CALL_MICROS} µs`,
    micros(call.p50Micros),
    micros(call.p99Micros),
    micros(call.meanCpuMicros),
    `${(call.sentShare * 100).toFixed(1)} %`,
    callVerdict(call),
    micros(call.backgroundCpuMicros),
    micros(call.backgroundMainMicros),
    rounded(1e6 / call.backgroundCpuMicros),
  ]
  return `| ${cells.join(' | ')} |`
}

function successRow(result: Result): string {
  const { group, comparison, ours, sameServer } = result
  const cells = [
    group.framework,
    group.against,
    `≤ ${comparison.target} µs`,
    spread(ours, ' µs'),
    spread(sameServer, ' µs'),
    `${result.baselineCpuMicros.toFixed(1)} → ${result.oursCpuMicros.toFixed(1)} µs`,
    `${rounded(result.baselineRate)} → ${rounded(result.oursRate)}`,
    verdictOn(result),
  ]
  return `| ${cells.join(' | ')} |`
}

function failingRow(result: Result): string {
  const { group, comparison, ours, sameServer, clockRatio } = result
  const cells = [
    comparison.title,
    group.framework,
    `≥ ${comparison.target}`,
    spread(ours),
    spread(sameServer),
    spread(clockRatio),
    `${result.baselineCpuMicros.toFixed(0)} → ${result.oursCpuMicros.toFixed(0)} µs`,
    `${rounded(result.baselineRate)} → ${rounded(result.oursRate)}`,
    `${result.baselineEvents.toFixed(2)} → ${result.oursEvents.toFixed(2)}`,
    verdictOn(result),
  ]
  return `| ${cells.join(' | ')} |`
}

const destinationNames: Record<Destination, string> = {
  up: 'up',
  down: 'down',
  'down with a spool': 'down, with a spool',
  nowhere: 'none: switched off',
}

function growthMb({ before, after }: MemoryResult): number {
  return (after.rssBytes - before.rssBytes) / 1e6
}

function memoryVerdict(result: MemoryResult): string {
  if (result.destination === 'nowhere') return ''
  return growthMb(result) <= MEMORY_MB ? 'met' : '**missed**'
}

function memoryRow(result: MemoryResult): string {
  const { destination, errors, start, before, after } = result
  const inMb = (member: keyof Memory) =>
    [start, before, after].map((memory) => (memory[member] / 1e6).toFixed(0)).join(' → ')
  const counts = [result.sent, result.counted, result.spooled, result.waiting, result.dropped]
  const cells = [
    destinationNames[destination],
    errors,
    memoryVerdict(result) && `≤ ${MEMORY_MB} MB`,
    inMb('rssBytes'),
    inMb('heapBytes'),
    `${growthMb(result).toFixed(1)} MB`,
    ...counts,
    memoryVerdict(result),
  ]
  return `| ${cells.join(' | ')} |`
}

function spread({ median, low, high }: Spread, unit = ''): string {
  return `${median.toFixed(2)}${unit} (${low.toFixed(2)} to ${high.toFixed(2)})`
}

function micros(value: number): string {
  return `${value.toFixed(1)} µs`
}

function rounded(perSecond: number): string {
  return String(Math.round(perSecond / 100) * 100)
}
