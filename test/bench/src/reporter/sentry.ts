import { init } from '@sentry/node'

// As its manual says: all errors, no tracing.
init({ dsn: process.env.FAULTLINE_DSN })

export { flush, setupExpressErrorHandler, setupFastifyErrorHandler } from '@sentry/node'
