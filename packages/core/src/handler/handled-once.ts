import type { HandledError } from './handled-error.js'

interface Handling {
  thrown: unknown
  handled: HandledError
}

const HANDLINGS = Symbol('faultline.handlings')
const MAX_HANDLINGS = 10

/** A request that has had errors. Kept on the request itself, because a WeakMap costs the garbage collector a microsecond an error. */
interface Marked {
  [HANDLINGS]?: Handling[]
}

/** What became of this very error of this very request, if it has been handled: it may come by two ways, and is told once. */
export function earlierHandling(native: Marked | undefined, thrown: unknown): HandledError | undefined {
  return native?.[HANDLINGS]?.find((handling) => Object.is(handling.thrown, thrown))?.handled
}

/** Remembers it for as long as the request lives. */
export function rememberHandling(native: Marked | undefined, thrown: unknown, handled: HandledError): void {
  if (native === undefined || !Object.isExtensible(native)) return
  const handlings = native[HANDLINGS]
  if (handlings === undefined) native[HANDLINGS] = [{ thrown, handled }]
  else if (handlings.length < MAX_HANDLINGS) handlings.push({ thrown, handled })
}
