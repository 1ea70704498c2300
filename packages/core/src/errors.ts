import { buildCatalogue } from './catalogue/build-catalogue.js'
import type { ProblemError } from './catalogue/problem-error.js'

const MISTAKES = { type: 'object', properties: { mistakes: { type: 'array', items: { type: 'string' } } } }

/** The errors of this package itself; each has its section in docs/errors.md. */
export const coreErrors = buildCatalogue(
  { base: 'urn:faultline:errors:', captureStack: true },
  {
    InvalidCatalogue: {
      status: 500,
      expose: false,
      title: 'The catalogue of problems has mistakes.',
      detail: listMistakes,
      extensions: MISTAKES,
    },
    InvalidOptions: {
      status: 500,
      expose: false,
      title: 'The options of the error handler have mistakes.',
      detail: listMistakes,
      extensions: MISTAKES,
    },
  },
) as unknown as Record<
  'InvalidCatalogue' | 'InvalidOptions',
  new (data: {
    mistakes: readonly string[]
  }) => ProblemError
>

function listMistakes({ mistakes }: { mistakes?: readonly string[] }): string {
  return `Please mend: ${(mistakes ?? []).map((mistake) => `\n  - ${mistake}`).join('')}`
}
