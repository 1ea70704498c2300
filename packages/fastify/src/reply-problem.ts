import { ProblemError, type ProblemInit, problem } from '@faultline/core'
import type { FastifyInstance, FastifyReply } from 'fastify'

type ProblemConstructor = abstract new (...args: never[]) => ProblemError

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Answers with a problem that nobody threw: a status and what to say of it, as with core's `problem()`, or a class of the
     * catalogue and its arguments.
     */
    problem(status: number, detail?: string, extensions?: Readonly<Record<string, unknown>>): this
    problem(status: number, problem: Omit<ProblemInit, 'status'>): this
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
    return this.send(typeof what === 'number' ? statusProblem(what, args) : definedProblem(what, args))
  } as FastifyReply['problem'])
}

function statusProblem(status: number, args: unknown[]): ProblemError {
  const [init] = args
  if (typeof init === 'object') return new ProblemError({ ...init, status })
  return problem(status, ...(args as [string?, Record<string, unknown>?]))
}

function definedProblem(definition: ProblemConstructor, args: unknown[]): ProblemError {
  const Problem = definition as unknown as new (...args: unknown[]) => ProblemError
  return new Problem(...args)
}
