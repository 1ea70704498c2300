import type { GoldenProblems, Kit } from '../golden.ts'
import { peerProblems } from '../peer-problems.ts'

/** Fastify by itself: errors with a `statusCode`, as its manual says. It never shows further properties. */
export function fastifyKit(problems: GoldenProblems): Kit {
  return {
    name: 'fastify',
    problems: peerProblems(problems, ({ status, text, headers }) =>
      Object.assign(new Error(text), { statusCode: status, headers }),
    ),
  }
}
