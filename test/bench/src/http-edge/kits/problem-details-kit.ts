import { HttpProblemResponse } from 'express-http-problem-details'
import createError from 'http-errors'
import { ProblemDocument } from 'http-problem-details'
import { DefaultMappingStrategy, ErrorMapper, MapperRegistry } from 'http-problem-details-mapper'
import type { GoldenProblems, Kit } from '../golden.ts'
import { type Asked, peerProblems } from '../peer-problems.ts'
import { logErrors } from './log-errors.ts'

/** An error that says itself what its document is. It has no place for headers. */
class ShopError extends Error {
  readonly asked: Asked
  constructor(asked: Asked) {
    super(asked.text)
    this.asked = asked
  }
}

class ShopErrorMapper extends ErrorMapper {
  constructor() {
    super(ShopError)
  }

  mapError({ asked }: ShopError): ProblemDocument {
    return new ProblemDocument(asked, { ...asked.extensions } as Record<string, object>)
  }
}

/** Built in as its README says, with a mapper for the application's errors. */
export function problemDetailsKit(problems: GoldenProblems): Kit {
  const strategy = new DefaultMappingStrategy(new MapperRegistry().registerMapper(new ShopErrorMapper()))
  return {
    name: 'express-http-problem-details',
    problems: peerProblems(problems, (asked) => new ShopError(asked)),
    afterExpressRoutes(app) {
      app.use((_request, _response, next) => next(createError(404)))
      app.use(logErrors)
      app.use(HttpProblemResponse({ strategy }))
    },
  }
}
