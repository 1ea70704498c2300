/** Of the thread, at the same body. */
const MOST_DEATHS = 2
const HANG_MS = 60_000

/** Two numbers: a position, and how often the thread has died there. */
export function newNote(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT)
}

/** Notes which body is taken, where that outlives this thread: one at which it dies again and again must not block those behind it. */
export class LastTaken {
  readonly #note: Float64Array
  /** Up to here each body is stored alone, so that it is known which one is to blame. */
  readonly aloneTo: number

  constructor(note: SharedArrayBuffer, digestedTo: number) {
    this.#note = new Float64Array(note)
    const [position = 0, deaths = 0] = this.#note
    const hasDied = position > digestedTo
    this.aloneTo = hasDied ? position : 0
    this.#note[1] = hasDied ? deaths + 1 : 0
  }

  /** @returns whether it may be read */
  take(position: number): boolean {
    if (this.#note[0] !== position) this.#note.set([position, 0])
    return (this.#note[1] ?? 0) < MOST_DEATHS
  }

  /** What fails now is no fault of a body. */
  forget(): void {
    this.#note.set([0, 0])
  }
}

/** @returns what tells, asked now and then, whether the thread has been at one body for a minute */
export function createHangCheck(note: SharedArrayBuffer, digestedTo: () => number): (now: number) => boolean {
  const taken = new Float64Array(note)
  let last = { position: 0, since: 0 }
  return (now) => {
    const [position = 0] = taken
    if (position !== last.position || position <= digestedTo()) last = { position, since: now }
    return now - last.since >= HANG_MS
  }
}
