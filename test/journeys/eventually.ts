import { setTimeout } from 'node:timers/promises'

/** Looks again and again until there is something to see. */
export async function eventually<Result>(
  what: string | (() => string),
  look: () => Promise<Result | undefined> | Result | undefined,
  timeoutMs = 30_000,
): Promise<Result> {
  const until = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > until)
      throw new Error(`There was not ${typeof what === 'string' ? what : what()} within ${timeoutMs} ms.`)
    await setTimeout(10)
  }
}
