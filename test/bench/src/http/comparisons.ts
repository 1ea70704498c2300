import type { Group } from '../measure/group.ts'

const servers = new URL('./servers.ts', import.meta.url)
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
      servers,
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
      servers,
      baseline: `${name} 500 bare`,
      against: on.handler,
      status: 500,
      comparisons: [
        { title: 'unexpected 500, not logged', ours: `${name} 500 faultline`, measure: 'rate', target: 1 },
      ],
    },
    {
      framework,
      servers,
      baseline: `${name} logged 500 bare`,
      against: `${on.handler}, logging`,
      status: 500,
      comparisons: [
        { title: 'unexpected 500, logged', ours: `${name} logged 500 faultline`, measure: 'rate', target: 1 },
      ],
    },
    {
      framework,
      servers,
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
      servers,
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
