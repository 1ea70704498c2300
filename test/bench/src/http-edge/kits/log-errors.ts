import type { ErrorRequestHandler } from 'express'

/** What an application on Express puts before its error handling, so that the log knows of errors at all. */
export const logErrors: ErrorRequestHandler = (error, request, _response, next) => {
  request.log.error({ err: error })
  next(error)
}
