/** A question that a group of servers answers: what does ours cost beside the other one? */
export interface Comparison {
  title: string
  /** Name of our server. */
  ours: string
  /** `added`: microseconds of CPU that ours adds to a request, at most. `rate`: our requests a second over theirs, at least. */
  measure: 'added' | 'rate'
  /** None: the row is shown for information. */
  target?: number
}

/** Servers that are measured in turns: one that all are compared with, and ours. */
export interface Group {
  framework: 'Fastify 5' | 'Express 5'
  /** What ours is compared with; it runs twice, as A and A. */
  baseline: string
  against: string
  status: number
  comparisons: readonly Comparison[]
}

const fastify = {
  framework: 'Fastify 5',
  name: 'fastify',
  itself: 'Fastify without us',
  handler: "Fastify's own handler",
} as const
const express = {
  framework: 'Express 5',
  name: 'express',
  itself: 'Express without us',
  handler: "Express' own handler",
} as const

export const groups: readonly Group[] = [fastify, express].flatMap((on) => {
  const { framework, name } = on
  return [
    {
      framework,
      baseline: `${name} success bare`,
      against: on.itself,
      status: 200,
      comparisons: [
        {
          title: 'success, without request context',
          ours: `${name} success faultline`,
          measure: 'added',
          target: 0.5,
        },
        {
          title: 'success, with request context',
          ours: `${name} success faultline with context`,
          measure: 'added',
          target: 1.5,
        },
      ],
    },
    {
      framework,
      baseline: `${name} 500 bare`,
      against: on.handler,
      status: 500,
      comparisons: [
        { title: 'unexpected 500, not logged', ours: `${name} 500 faultline`, measure: 'rate', target: 1 },
      ],
    },
    {
      framework,
      baseline: `${name} logged 500 bare`,
      against: `${on.handler}, logging`,
      status: 500,
      comparisons: [
        { title: 'unexpected 500, logged', ours: `${name} logged 500 faultline`, measure: 'rate', target: 1 },
      ],
    },
    {
      framework,
      baseline: `${name} 404 bare`,
      against: '`createError(404)` of http-errors',
      status: 404,
      comparisons: [
        {
          title: 'catalogue 404',
          ours: `${name} 404 faultline`,
          measure: 'rate',
          target: name === 'fastify' ? 2 : 1.2,
        },
      ],
    },
    {
      framework,
      baseline: `${name} reported 500 sentry`,
      against: '`Sentry.captureException` in the handler',
      status: 500,
      comparisons: [
        {
          title: 'unexpected 500, reported',
          ours: `${name} reported 500 faultline`,
          measure: 'rate',
          target: 3,
        },
      ],
    },
  ] satisfies Group[]
})
