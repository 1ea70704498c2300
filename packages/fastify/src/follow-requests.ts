import { currentContext, type RequestContext, runWithContext } from '@faultline/core'
import { contextOf } from '@faultline/core/adapter'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const CONTEXT = Symbol('faultline.context')

type Followed = FastifyRequest & { [CONTEXT]: RequestContext | null }

/** Runs each request in a context of its own, which follows whatever the request sets going. */
export function followRequests(app: FastifyInstance): void {
  app.decorateRequest(CONTEXT as never, null as never)
  app.addHook('onRequest', (request, _reply, done) => {
    const context = contextOf(request.headers)
    ;(request as Followed)[CONTEXT] = context
    runWithContext(context, done)
  })
  // reading a body leaves the context, for its events come from the socket
  app.addHook('preValidation', (request, _reply, done) => {
    const context = (request as Followed)[CONTEXT]
    if (context === null || currentContext() === context) done()
    else runWithContext(context, done)
  })
}
