import { ProblemError } from './problem-error.js'

/**
 * The quick throw, without a catalogue: `throw problem(404, 'No order 7.')`.
 * @param status 400 to 599.
 * @param detail Public text.
 */
export function problem(
  status: number,
  detail?: string,
  extensions?: Readonly<Record<string, unknown>>,
): ProblemError {
  return new ProblemError({ status, detail, extensions })
}
