import type { Mark } from './bench-collector-fuzz.ts'
import type { FuzzResult } from './fuzz-collector.ts'

export interface FuzzRun {
  seed: number
  results: readonly FuzzResult[]
  marks: readonly Mark[]
  faults: readonly string[]
}

/** The page of the results. */
export function fuzzReport({ seed, results, marks, faults }: FuzzRun): string {
  const requests = marks.at(-1)?.requests ?? 0
  const acknowledged = results.reduce((sum, result) => sum + result.acknowledged.length, 0)
  const slowestMs = Math.max(...results.map((result) => result.slowestMs))
  const command = `npm run bench -- collector-fuzz --requests ${requests} --seed ${seed}`
  return `# What a fuzzer does to the collector

${faults.length === 0 ? 'Nothing that should not happen' : `**${faults.length} things that should not happen**`}. Made by \`${command}\`; nothing here is written by hand.

${number(requests)} malformed requests against \`faultline serve\` in a process of its own, over 16 raw sockets: batches, envelopes, stores, security
reports and questions to the query API, each nearly right. Values are replaced by what nobody expects (\`__proto__\`, NaN, NUL, lone
surrogates, numbers of 400 digits, 20 000 levels, 300 KB of text), bytes are changed, bodies cut off, packed wrongly, twice or as a
bomb of 40 MiB; headers are huge, doubled or none; lengths lie, and chunks break off.

## What must hold

- No crash, no status from 500 on but 503 with \`Retry-After\`, and an answer to every request that is all there within 20 s. The
  slowest took ${Math.round(slowestMs)} ms.
- One request in 50 is a valid event: all ${number(acknowledged)} that were acknowledged are stored.
- Received = Σ outcomes + pending; nothing is pending in the end, the DLQ is empty, the collector has no error of its own, and it ends with 0.
- Memory, after a collection in every thread, is at most 1.5 times what it was after the first 10 000 requests.

${faults.length === 0 ? '' : `## Faults\n\n${faults.map((fault) => `- ${fault.slice(0, 500)}`).join('\n')}\n`}
## Answers

${answers(results)}

*Cut off by us*: the request was not all there, and the client went away after 20 ms.

## Memory

| after requests | outcomes | resident, after a collection and a pause |
| --- | --- | --- |
${marks.map((mark) => `| ${number(mark.requests)} | ${number(mark.stored)} | ${Math.round(mark.restingMib)} MiB |`).join('\n')}
`
}

function answers(results: readonly FuzzResult[]): string {
  const counts = new Map<string, Map<string, number>>()
  for (const { endings } of results) {
    for (const [kind, byEnding] of Object.entries(endings)) {
      const sums = counts.get(kind) ?? new Map<string, number>()
      counts.set(kind, sums)
      for (const [ending, count] of Object.entries(byEnding))
        sums.set(ending, (sums.get(ending) ?? 0) + count)
    }
  }
  const endings = [...new Set([...counts.values()].flatMap((sums) => [...sums.keys()]))].sort()
  const rows = [...counts].map(([kind, sums]) => [
    kind,
    ...endings.map((ending) => number(sums.get(ending) ?? 0)),
  ])
  return [['to', ...endings], ['', ...endings].map(() => '---'), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}

/** With spaces between thousands. */
function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ')
}
