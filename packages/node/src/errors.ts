import { defineProblems } from '@faultline/core'
import { Type } from '@sinclair/typebox'

/** The errors of this package itself; each has its section in docs/errors.md. */
export const nodeErrors = defineProblems(
  { base: 'urn:faultline:errors:', captureStack: true },
  {
    /** For options and environment variables alike, as both are often wrong together: one error names every mistake. */
    InvalidConfiguration: {
      status: 500,
      expose: false,
      title: 'The configuration has mistakes.',
      detail: ({ mistakes }) => `Please mend: ${mistakes.map((mistake) => `\n  - ${mistake}`).join('')}`,
      extensions: Type.Object({ mistakes: Type.Array(Type.String()) }),
    },
    /** Expected while a service is down: its opening has been reported, and a report for each refused call would be a storm. */
    CircuitOpen: {
      status: 503,
      level: 'warning',
      shouldReport: false,
      expose: false,
      title: 'A service that is needed is not available.',
      detail: ({ circuit }) =>
        `The circuit ${circuit} is open: its calls failed, and are refused for a while.`,
      extensions: Type.Object({ circuit: Type.String() }),
    },
    TimedOut: {
      status: 504,
      expose: false,
      title: 'A service that is needed did not answer in time.',
      detail: ({ timeoutMs }) => `An attempt took longer than ${timeoutMs} ms.`,
      extensions: Type.Object({ timeoutMs: Type.Number() }),
    },
  },
)
