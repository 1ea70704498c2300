import { wrapThrown } from '@faultline/core/adapter'
import type { Next } from './exchange.js'

type Handler = (...args: never[]) => unknown

/**
 * Hands on whatever a handler throws, at once or by its promise. On Express 4 nothing else catches a rejection; on 5 it is needed
 * only where something may be thrown that Express takes for no error: `undefined`, `null`, `0`, `'route'`, `'router'`.
 * @param handler A route handler, a middleware, an error middleware (told by its four parameters) or a handler of `app.param`.
 */
export function asyncHandler<Handle extends Handler>(handler: Handle): Handle {
  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    const fail = failOnce(args)
    try {
      const result: unknown = handler.apply(this, args as never[])
      return isThenable(result) ? Promise.resolve(result).catch(fail) : result
    } catch (error) {
      return fail(error)
    }
  }
  // Express knows error middlewares by their length
  Object.defineProperty(wrapped, 'length', { value: handler.length })
  Object.defineProperty(wrapped, 'name', { value: handler.name })
  return wrapped as unknown as Handle
}

/**
 * Hands on what the handler throws, unless it has handed on the same error by itself: behind the error middleware nobody but Express'
 * final handler is left, which prints it once more.
 */
function failOnce(args: unknown[]): (thrown: unknown) => void {
  // the fourth argument of an error middleware, the third of all others
  const at = typeof args[3] === 'function' ? 3 : 2
  const next = args[at] as Next
  let passed: unknown
  if (typeof next === 'function') {
    args[at] = (error?: unknown) => {
      passed = error
      return next(error)
    }
  }
  return (thrown) => {
    if (!passed || !Object.is(passed, thrown)) next(passable(thrown))
  }
}

/** Express goes on with the next handler when it is passed one of these. */
function passable(thrown: unknown): unknown {
  return !thrown || thrown === 'route' || thrown === 'router' ? wrapThrown(thrown) : thrown
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}
