import createError from 'http-errors'
import type { GoldenProblems, Kit } from '../golden.ts'
import { peerProblems } from '../peer-problems.ts'
import { logErrors } from './log-errors.ts'

/** Express 4 or 5 by itself, with errors of http-errors. It never shows further properties. */
export function expressKit(problems: GoldenProblems): Kit {
  return {
    name: 'express',
    problems: peerProblems(problems, ({ status, text, headers }) => createError(status, text, { headers })),
    afterExpressRoutes: (app) => app.use(logErrors),
  }
}
