import sensible, { httpErrors } from '@fastify/sensible'
import type { GoldenProblems, Kit } from '../golden.ts'
import { peerProblems } from '../peer-problems.ts'

/** Its errors, answered by Fastify's own handler, which never shows further properties. */
export function sensibleKit(problems: GoldenProblems): Kit {
  return {
    name: '@fastify/sensible',
    problems: peerProblems(problems, ({ status, text, headers }) =>
      httpErrors.createError(status, text, { headers }),
    ),
    onFastify: (app) => app.register(sensible),
  }
}
