import { clipText } from './json-size.js'
import { EVENT_LIMITS } from './limits.js'

/** UTF-16 units. */
const MAX_PATH_LENGTH = 100
/** The most that a list of paths and its name take, in UTF-8 bytes of JSON. */
export const CUT_PATHS_BYTES = EVENT_LIMITS.truncatedPaths * (6 * MAX_PATH_LENGTH + 3) + 16

/** Remembers where something was cut. */
export class CutPaths {
  readonly #paths = new Set<string>()

  add(path: string): void {
    if (this.#paths.size < EVENT_LIMITS.truncatedPaths) this.#paths.add(clipText(path, MAX_PATH_LENGTH))
  }

  get isEmpty(): boolean {
    return this.#paths.size === 0
  }

  /** The paths, behind those that were there before. */
  after(earlier: readonly string[] = []): string[] {
    const clipped = earlier
      .slice(0, EVENT_LIMITS.truncatedPaths)
      .map((path) => clipText(path, MAX_PATH_LENGTH))
    return [...new Set([...clipped, ...this.#paths])].slice(0, EVENT_LIMITS.truncatedPaths)
  }
}
