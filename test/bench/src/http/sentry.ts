import { init } from '@sentry/node'

// As its manual says, without tracing. What it sends goes nowhere.
init({
  dsn: 'https://00000000000000000000000000000000@sentry.invalid/1',
  transport: () => ({ send: async () => ({}), flush: async () => true }),
})

export { captureException } from '@sentry/node'
