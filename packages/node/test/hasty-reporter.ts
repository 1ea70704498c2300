import { createReporter, type NodeReporter, type ReporterOptions } from '@faultline/node'
import type { Test } from 'tap'
import type { Collector } from '../../../test/fakes/collector.js'

/** A reporter that waits for nothing long. */
export function hastyReporter(dsn: string, options: ReporterOptions = {}): NodeReporter {
  return createReporter({
    dsn,
    service: 'shop',
    flushIntervalMs: 5,
    timeoutMs: 2000,
    retry: { minDelayMs: 5, maxDelayMs: 20 },
    ...options,
  })
}

/** Every error is in one column of the books, and what is booked as sent has arrived, once. */
export function checkBooks(t: Test, collector: Collector, reporter: NodeReporter): void {
  const { reported, waiting, sent, counted, spooled, dropped, recovered } = reporter.stats()
  t.equal(reported, sent + counted + spooled + waiting + sumOf(dropped), 'the books are balanced')
  const columns = [reported, waiting, sent, counted, spooled, recovered]
  t.ok(
    columns.every((count) => count >= 0),
    `no column is below zero: ${columns}`,
  )
  t.strictSame(collector.refused, [], 'every batch keeps to the schema')
  t.strictSame(collector.duplicates, [], 'no event arrives in two batches')
  const arrived = collector.events.length + sumOf(collector.repeats)
  t.equal(arrived, sent + counted + recovered, 'what is booked as sent and counted has arrived')
}

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
