import type { Comparison, Group } from '../measure/group.ts'

const servers = new URL('./servers.ts', import.meta.url)
const frameworks = [
  { framework: 'Fastify 5', name: 'fastify' },
  { framework: 'Express 5', name: 'express' },
] as const

/** What the reporter adds to a request that does not fail. */
export const successGroups: readonly Group[] = frameworks.map(({ framework, name }) => ({
  framework,
  servers,
  baseline: `${name} success nobody`,
  against: 'the same without the reporter',
  status: 200,
  comparisons: [{ title: 'success', ours: `${name} success reporter`, measure: 'added', target: 1 }],
}))

/** What failing costs with Sentry's SDK and with ours, both reporting to the same collector. */
export const failingGroups: readonly Group[] = frameworks.flatMap(({ framework, name }) => {
  const group = { framework, servers, against: '@sentry/node 11', status: 500, isSettled: true } as const
  const rate = (title: string, ours: string): Comparison => ({ title, ours, measure: 'rate', target: 3 })
  return [
    {
      ...group,
      baseline: `${name} failing sentry`,
      comparisons: [
        rate('each with its own message, storm control', `${name} failing reporter`),
        rate('each with its own message, all are sent', `${name} failing unlimited-reporter`),
      ],
    },
    {
      ...group,
      baseline: `${name} storm sentry`,
      comparisons: [rate('the same error again and again', `${name} storm reporter`)],
    },
  ]
})
