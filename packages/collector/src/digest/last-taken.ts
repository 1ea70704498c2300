/** Of the thread, at the same body. */
const MOST_DEATHS = 2
const HANG_MS = 60_000

/** Two numbers: a position, or a dead letter below zero, and how often the thread has died there. */
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
    this.#note.set(hasDied ? [position, deaths + 1] : [0, 0])
  }

  /** @returns whether it may be read */
  take(position: number): boolean {
    if (this.#note[0] !== position) this.#note.set([position, 0])
    return (this.#note[1] ?? 0) < MOST_DEATHS
  }

  /** Notes a replay, which may hang too. It comes between two transactions, and those go on where they were. */
  whileReplaying<Result>(deadLetterId: number, replay: () => Result): Result {
    const [position = 0] = this.#note
    this.#note[0] = -deadLetterId
    try {
      return replay()
    } finally {
      this.#note[0] = position
    }
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
    const isIdle = position >= 0 && position <= digestedTo() // the body of a replay was digested long ago
    if (position !== last.position || isIdle) last = { position, since: now }
    const isHanging = now - last.since >= HANG_MS
    if (isHanging) last.since = now // the next thread begins at the same body
    return isHanging
  }
}
