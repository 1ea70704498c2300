/** What the main thread has heard of the store's upgrade, which the digest worker does before anything else. */
export class Upgrade {
  /** Resolves when it begins; most starts need none. */
  readonly hasBegun: Promise<void>
  #begin: () => void = () => undefined
  #message: string | undefined

  constructor() {
    this.hasBegun = new Promise((resolve) => {
      this.#begin = resolve
    })
  }

  /** @param message what it is at, in a sentence; nothing once it is done */
  note(message: string | undefined): void {
    this.#message = message
    if (message !== undefined) this.#begin()
  }

  /** It has ended before it was done; the next worker goes on. */
  fail(): void {
    if (this.#message === undefined) return
    this.#message = 'The upgrade of the store has failed and is tried again: the log says why.'
  }

  /** What everybody waits for meanwhile. */
  readonly sentence = (): string | undefined => this.#message
}
