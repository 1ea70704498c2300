import { ProblemError, type ProblemInit } from '@faultline/core'
import type { FastifyInstance, FastifyReply } from 'fastify'

type ProblemConstructor = abstract new (...args: never[]) => ProblemError

declare module 'fastify' {
  interface FastifyReply {
    /** Answers with a problem that nobody threw: a status and what to say of it, or a class of the catalogue and its arguments. */
    problem(status: number, problem?: Omit<ProblemInit, 'status'>): this
    problem<Definition extends ProblemConstructor>(
      definition: Definition,
      ...args: ConstructorParameters<Definition>
    ): this
  }
}

/** Adds `reply.problem()`. */
export function addReplyProblem(app: FastifyInstance): void {
  app.decorateReply('problem', function (
    this: FastifyReply,
    what: number | ProblemConstructor,
    ...args: unknown[]
  ) {
    return this.send(problemOf(what, args))
  } as FastifyReply['problem'])
}

function problemOf(what: number | ProblemConstructor, args: unknown[]): ProblemError {
  if (typeof what === 'number') return new ProblemError({ ...(args[0] as object | undefined), status: what })
  const Problem = what as unknown as new (...args: unknown[]) => ProblemError
  return new Problem(...args)
}
