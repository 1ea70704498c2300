import { defineProblems } from '@faultline/core'

/** The errors of this package itself; each has its section in docs/errors.md. */
export const fastifyErrors = defineProblems(
  { base: 'urn:faultline:errors:', captureStack: true },
  {
    NotFoundHandlerTwice: {
      status: 500,
      expose: false,
      title: 'There are two not-found handlers.',
      detail:
        'Both errorPlugin and the application set a not-found handler here. ' +
        'Register errorPlugin with { notFound: false } to keep the application’s own, or remove it.',
    },
  },
)
