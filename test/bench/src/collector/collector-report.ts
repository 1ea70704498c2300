import { cpus, totalmem } from 'node:os'
import type { Ingest, Profile, Stage } from './bench-collector.ts'
import type { CoreTimes } from './measure-cores.ts'
import type { ReadTimes } from './measure-reads.ts'

interface Row {
  what: string
  target: string
  /** At each number of stored events. */
  figures: string[]
  isMet: boolean
}

/** The page of the results. */
export function collectorReport(
  stages: readonly Stage[],
  { isLong, cores, profile }: { isLong: boolean; cores: CoreTimes; profile: Profile },
): string {
  const rows = targetRows(stages)
  const missed = rows.filter(({ isMet }) => !isMet).length
  const command = `npm run bench -- collector${isLong ? ' --long' : ''}`
  const heads = stages.map(({ storedEvents }) => `at ${rounded(storedEvents)} events`)
  return `# What the collector takes

${missed === 0 ? 'All targets are met' : `${missed} of ${rows.length} targets are missed`}. Made by \`${command}\`; nothing here is written by hand.

## Against the targets

${table(
  ['what', 'target', ...heads, ''],
  rows.map(({ what, target, figures, isMet }) => [what, target, ...figures, isMet ? 'met' : '**missed**']),
)}

- Load generator and collector share ${cpus().length} cores and ${Math.round(totalmem() / 2 ** 30)} GiB. Events have 3.8 KB and 20 frames, are of 2 000 kinds, and come
  as batches of 50, zipped, over 8 connections, or as envelopes of one, not zipped, over 32. One in 20 is up to 13 days late. The
  databases are on the disk of the machine, \`synchronous=FULL\`.
- **The machine** in this run: \`JSON.parse\` of one event takes ${cores.aloneMicros.toFixed(1)} µs, and ${cores.bothMicros.toFixed(1)} µs while a second process does the same. So two
  busy cores do ${((2 * cores.aloneMicros) / cores.bothMicros).toFixed(2)} times what one does.
- A **rate** is events sent through the time from the first request until nothing was pending any more: all are stored, grouped and
  found by search then.
- **Intake** is from the moment at which a request was due, on schedule, until its answer was there.
- **Visible**: from that answer until \`GET /api/v1/events/{id}\` had the event, asked every 10 ms.
- **RSS** is that of the whole process, all threads, right after the first row's load, and its peak.
- **Disk** is everything in the data folder after a restart, through the events stored.

## Ingest

${table(
  [
    'load',
    'stored before and with it',
    'events',
    'events/s',
    'drained after',
    'CPU an event',
    'intake p50',
    'intake p99',
    'visible p50',
    'visible p99',
    'answers',
  ],
  stages.flatMap((stage) => ingestRows(stage)),
)}

## Reads

${stages.map((stage) => readTable(stage)).join('\n\n')}

Sixty calls of each, one at a time, over HTTP. *Ingesting*: while 5 000 events a second come in.

## Profile

Where the threads spend their time while ${rounded(profile.events)} events come as batches at full speed, in microseconds an event, by the file that the
time is spent in or called from. Sampling is part of it. What takes less than half a microsecond is in the sum. What was tried against
the misses is in [decision 0022](../decisions/0022-one-digest-thread.md).

${profileTable(profile)}
`
}

function profileTable({ events, threads }: Profile): string {
  const LEAST_MICROS = 0.5
  const rows = Object.entries(threads).flatMap(([thread, costs]) => {
    const all = costs.map(([file, micros]): [string, number] => [file, micros / events])
    const sum = all.reduce((total, [, micros]) => total + micros, 0)
    const shown = all.filter(([, micros]) => micros >= LEAST_MICROS).sort(([, a], [, b]) => b - a)
    if (shown.length === 0) return []
    const head = [`**${thread}**`, '', sum.toFixed(1)]
    return [head, ...shown.map(([file, micros]) => ['', file, micros.toFixed(1)])]
  })
  return table(['thread', 'file', 'µs an event'], rows)
}

function targetRows(stages: readonly Stage[]): Row[] {
  const row = (
    what: string,
    limit: { least?: number; most?: number; unit: string },
    of: (stage: Stage) => number,
  ) => {
    const values = stages.map(of)
    const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY, unit } = limit
    return {
      what,
      target: `${limit.least === undefined ? `≤ ${most}` : `≥ ${least}`} ${unit}`,
      figures: values.map((value) => `${rounded(value)} ${unit}`),
      isMet: values.every((value) => value >= least && value <= most),
    }
  }
  return [
    row(
      'batches of 50, stored and searchable',
      { least: 10_000, unit: 'events/s' },
      (s) => s.batches.eventsPerSecond,
    ),
    row(
      'envelopes, stored and searchable',
      { least: 4000, unit: 'events/s' },
      (s) => s.envelopes.eventsPerSecond,
    ),
    row('intake p99 at half load, batches', { most: 20, unit: 'ms' }, (s) =>
      quantile(s.halfBatches.latenciesMs, 0.99),
    ),
    row('intake p99 at half load, envelopes', { most: 20, unit: 'ms' }, (s) =>
      quantile(s.halfEnvelopes.latenciesMs, 0.99),
    ),
    row('visible p99 at half load', { most: 1000, unit: 'ms' }, (s) =>
      quantile(s.halfBatches.visibleMs, 0.99),
    ),
    row('RSS at full load, peak', { most: 250, unit: 'MB' }, (s) => s.peakRssMb),
    row('disk an event', { most: 600, unit: 'B' }, (s) => s.bytesPerEvent),
    row('slowest read, p95', { most: 50, unit: 'ms' }, (s) => slowest(s.reads)),
    row('slowest read while ingesting, p95', { most: 150, unit: 'ms' }, (s) => slowest(s.readsUnderLoad)),
    row('start to ready', { most: 1000, unit: 'ms' }, (s) => s.readyMs),
    ...growthRows(stages),
  ]
}

/** How much worse each figure is with many events than with few. */
function growthRows([few, many]: readonly Stage[]): Row[] {
  if (few === undefined || many === undefined) return []
  const growths: [string, number][] = [
    ['batches', few.batches.eventsPerSecond / many.batches.eventsPerSecond],
    ['envelopes', few.envelopes.eventsPerSecond / many.envelopes.eventsPerSecond],
    [
      'intake p99',
      quantile(many.halfBatches.latenciesMs, 0.99) / quantile(few.halfBatches.latenciesMs, 0.99),
    ],
    ['visible p99', quantile(many.halfBatches.visibleMs, 0.99) / quantile(few.halfBatches.visibleMs, 0.99)],
    ['disk', many.bytesPerEvent / few.bytesPerEvent],
    ['slowest read', slowest(many.reads) / slowest(few.reads)],
    ['start', many.readyMs / few.readyMs],
  ]
  return growths.map(([what, ratio]) => ({
    what: `growth: ${what}`,
    target: '≤ 1.5 ×',
    figures: ['1', `${ratio.toFixed(2)} ×`],
    isMet: ratio <= 1.5,
  }))
}

function ingestRows(stage: Stage): string[][] {
  const rows: [string, Ingest][] = [
    ['batches, full speed', stage.batches],
    ['envelopes, full speed', stage.envelopes],
    ['batches, 5 000/s', stage.halfBatches],
    ['envelopes, 2 000/s', stage.halfEnvelopes],
  ]
  return rows.map(([load, ingest]) => [
    load,
    rounded(stage.storedEvents),
    rounded(ingest.sent),
    rounded(ingest.eventsPerSecond),
    `${ingest.drainSeconds.toFixed(1)} s`,
    `${rounded(ingest.cpuMicrosPerEvent)} µs`,
    ms(ingest.latenciesMs, 0.5),
    ms(ingest.latenciesMs, 0.99),
    ms(ingest.visibleMs, 0.5),
    ms(ingest.visibleMs, 0.99),
    Object.entries(ingest.statuses)
      .map(([status, count]) => `${rounded(count)} × ${status}`)
      .join(', '),
  ])
}

function readTable(stage: Stage): string {
  return table(
    [`at ${rounded(stage.storedEvents)} events`, 'p50', 'p95', 'ingesting, p50', 'ingesting, p95'],
    Object.keys(stage.reads).map((name) => {
      const quiet = stage.reads[name] ?? []
      const busy = stage.readsUnderLoad[name] ?? []
      return [name, ms(quiet, 0.5), ms(quiet, 0.95), ms(busy, 0.5), ms(busy, 0.95)]
    }),
  )
}

function slowest(times: ReadTimes): number {
  return Math.max(...Object.values(times).map((list) => quantile(list, 0.95)))
}

function ms(values: readonly number[], at: number): string {
  return values.length === 0 ? '' : `${quantile(values, at).toFixed(1)} ms`
}

function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN
}

function rounded(value: number): string {
  return Math.round(value).toLocaleString('en').replaceAll(',', ' ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
