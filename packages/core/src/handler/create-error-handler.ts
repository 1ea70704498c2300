import { answer } from '../answer/answer.js'
import { defaultInstance } from '../answer/instance.js'
import { PROBLEM_MEDIA_TYPE } from '../catalogue/problem-details.js'
import { tellAfterwards } from '../reporting/tell-afterwards.js'
import { attempt } from '../thrown/thrown.js'
import type { ErrorRequest } from './error-request.js'
import type { HandledError } from './handled-error.js'
import { earlierHandling, rememberHandling } from './handled-once.js'
import { type Happening, happeningOf } from './happening.js'
import type { ErrorHandlerOptions } from './options.js'
import { resolveOptions } from './settings.js'

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
      const { native } = request ?? {}
      const earlier = attempt(() => earlierHandling(native, thrown))
      if (earlier !== undefined) return earlier
      const happening = happeningOf(thrown, copyOf(request), settings)
      const handled = answerOrLess(happening)
      attempt(() => rememberHandling(native, thrown, handled))
      tellAfterwards(happening, handled)
      return handled
    },
  }
}

/** The request's members, read once; of one that cannot be read, the method alone. */
function copyOf(request: ErrorRequest): ErrorRequest {
  return attempt(() => ({ ...request })) ?? { method: 'GET' }
}

/** Nothing that `answer` meets should make it throw. Should a bug of ours, the client still gets a plain 500, and the log both errors. */
function answerOrLess(happening: Happening): HandledError {
  try {
    return answer(happening)
  } catch (bug) {
    happening.complain('the error handler', bug)
    const problem = {
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      instance: defaultInstance(happening.id),
    }
    return {
      id: happening.id,
      status: 500,
      headers: { 'content-type': PROBLEM_MEDIA_TYPE, 'cache-control': 'no-store' },
      body: JSON.stringify(problem),
      problem,
      severity: 'high',
      level: 'error',
      isReportable: true,
      isSilent: happening.request.isAborted === true || (happening.request.phase ?? 'request') !== 'request',
      get err() {
        return happening.serialized()
      },
    }
  }
}
