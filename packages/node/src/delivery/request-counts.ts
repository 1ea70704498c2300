import { BATCH_LIMITS, type RequestCount, STATUS_CLASSES } from '@faultline/protocol'

const MINUTE_MS = 60_000
/** Routes that are counted apart; the others are counted together. */
const MAX_ROUTES = 1000
/** Rows that wait for a collector that is away; beyond them the oldest go. */
const MAX_ROWS = 10_000

/** Whose requests they are. */
export type CountedService = Pick<RequestCount, 'service' | 'environment' | 'release'>

/** Counts answered requests. The clock is read when a period ends, not for each request: whoever ends one does so with the minute. */
export class RequestCounts {
  readonly #of: CountedService
  #routes = new Map<string, number[]>()
  readonly #rows = new Map<string, RequestCount>()

  /** What is longer than the batch may hold is cut: else the whole batch would be refused. */
  constructor({ service, environment, release }: CountedService) {
    this.#of = {
      service: cut(service),
      environment: cut(environment),
      ...(release !== undefined && { release: cut(release) }),
    }
  }

  get hasRows(): boolean {
    return this.#rows.size > 0
  }

  count(route: string, statusCode: number): void {
    const counts = this.#routes.get(route) ?? this.#add(route)
    const at = Math.trunc(statusCode / 100) - 2
    if (at >= 0 && at < counts.length) (counts[at] as number)++
  }

  /** Makes rows of what was counted since the last time. @param now milliseconds since 1970, in the minute that was counted */
  endPeriod(now: number): void {
    const minute = new Date(Math.floor(now / MINUTE_MS) * MINUTE_MS).toISOString()
    for (const [route, counts] of this.#routes) {
      STATUS_CLASSES.forEach((status, at) => {
        if (counts[at]) this.#addRow({ minute, ...this.#of, route, status, count: counts[at] })
      })
    }
    this.#routes = new Map()
  }

  /** The rows; they are not offered again. */
  takeRows(): RequestCount[] {
    const rows = [...this.#rows.values()]
    this.#rows.clear()
    return rows
  }

  #addRow(row: RequestCount): void {
    const key = `${row.minute} ${row.status} ${row.route}`
    const known = this.#rows.get(key)
    if (known !== undefined) {
      known.count += row.count
      return
    }
    this.#rows.set(key, row)
    if (this.#rows.size > MAX_ROWS) this.#rows.delete(this.#rows.keys().next().value as string)
  }

  #add(route: string): number[] {
    const name = this.#routes.size < MAX_ROUTES ? route.slice(0, BATCH_LIMITS.routeLength) : ''
    const counts = this.#routes.get(name) ?? STATUS_CLASSES.map(() => 0)
    this.#routes.set(name, counts)
    return counts
  }
}

function cut(name: string): string {
  return name.slice(0, BATCH_LIMITS.nameLength)
}
