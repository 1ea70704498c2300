import { answer, lessAnswer } from '../answer/answer.js'
import { tellAfterwards } from '../reporting/tell-afterwards.js'
import type { ErrorRequest } from './error-request.js'
import type { HandledError } from './handled-error.js'
import { earlierHandling, rememberHandling } from './handled-once.js'
import { Happening } from './happening.js'
import type { ErrorHandlerOptions } from './options.js'
import { resolveOptions, type Settings } from './settings.js'

/** Turns whatever was thrown into an answer. */
export interface ErrorHandler {
  /**
   * Synchronous, and never throws. The caller writes the answer; log and report follow by themselves, right after the code that is
   * running now.
   */
  handle(thrown: unknown, request: ErrorRequest): HandledError
}

/**
 * The heart of the suite: for Koa, Nest filters, raw http or fetch handlers; the adapters of Fastify and Express use it too.
 * @param options All optional.
 * @throws InvalidOptions naming every mistake in the options.
 */
export function createErrorHandler<Request = unknown>(
  options: ErrorHandlerOptions<Request> = {},
): ErrorHandler {
  const settings = resolveOptions(options as ErrorHandlerOptions)
  return {
    handle(thrown, request) {
      try {
        return handle(thrown, request, settings)
      } catch {
        return handle(thrown, { method: 'GET' }, settings) // a request that cannot even be read
      }
    },
  }
}

function handle(thrown: unknown, request: ErrorRequest, settings: Settings): HandledError {
  const earlier = earlierHandling(request.native, thrown)
  if (earlier !== undefined) return earlier
  const happening = new Happening(thrown, request, settings)
  const handled = answerOrLess(happening)
  rememberHandling(request.native, thrown, handled)
  tellAfterwards(happening, handled)
  return handled
}

/** Nothing that `answer` meets should make it throw. Should a bug of ours, the client still gets a plain 500, and the log both errors. */
function answerOrLess(happening: Happening): HandledError {
  try {
    return answer(happening)
  } catch (bug) {
    happening.complain('the error handler', bug)
    return lessAnswer(happening)
  }
}
