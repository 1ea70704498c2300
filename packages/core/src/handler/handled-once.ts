import type { HandledError } from './handled-error.js'

interface Handling {
  thrown: unknown
  handled: HandledError
}

const handledByRequest = new WeakMap<object, Handling[]>()

/** What became of this very error of this very request, if it has been handled: it may come by two ways, and is told once. */
export function earlierHandling(native: object | undefined, thrown: unknown): HandledError | undefined {
  if (native === undefined) return undefined
  return handledByRequest.get(native)?.find((handling) => Object.is(handling.thrown, thrown))?.handled
}

/** Remembers it for as long as the request lives. */
export function rememberHandling(native: object | undefined, thrown: unknown, handled: HandledError): void {
  if (native === undefined) return
  const handlings = handledByRequest.get(native)
  if (handlings === undefined) handledByRequest.set(native, [{ thrown, handled }])
  else if (handlings.length < 10) handlings.push({ thrown, handled })
}
