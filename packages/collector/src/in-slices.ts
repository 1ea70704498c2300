/** The share of its thread that work in slices takes: a quarter. */
const PAUSE_FACTOR = 3

export interface Pauses {
  /** Milliseconds; only differences count. */
  clock(): number
  /** Ends early when the signal says so. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>
  signal: AbortSignal
}

/** Goes on from `yield` to `yield`, each time after a pause that leaves the thread to others. @throws the reason of the signal */
export async function inSlices<Result>(
  work: Generator<void, Result>,
  { clock, sleep, signal }: Pauses,
): Promise<Result> {
  for (;;) {
    signal.throwIfAborted()
    const start = clock()
    const { done, value } = work.next()
    if (done) return value
    await sleep(PAUSE_FACTOR * (clock() - start), signal)
  }
}
