import type { ResolvedDefinition } from './catalogue/definition.js'
import type { DeclaredExtensions, ParsedInstance } from './client/parsed-problem.js'
import { parseProblem } from './client.js'
import { mismatch, noProblem } from './testing/mismatch.js'
import { readTestResponse, type TestResponse } from './testing/test-response.js'

export { type RecordingReporter, recordingReporter } from './testing/recording-reporter.js'
export type { TestResponse } from './testing/test-response.js'

/** A class of a catalogue, as far as a test needs it. */
export interface ExpectedProblem {
  new (...args: never[]): { readonly name: string; readonly status: number; readonly extensions: unknown }
  readonly definition: ResolvedDefinition
}

type NameOf<Expected extends ExpectedProblem> = InstanceType<Expected>['name']

/** Some of the extension members of a problem. */
export type SomeExtensions<Expected extends ExpectedProblem> = Partial<
  DeclaredExtensions<InstanceType<Expected>['extensions']>
>

/**
 * Checks that a response is this problem: media type, status, type, and those extension members that are given.
 * @param response A fetch `Response`, a result of Fastify's `inject`, a response of supertest, or a promise of one of them.
 * @param extensions Some of the extension members; each must be deeply equal.
 * @returns The parsed problem, to look at the rest of it.
 * @throws An AssertionError with `actual` and `expected`, as the promise's rejection.
 */
export async function expectProblem<Expected extends ExpectedProblem>(
  response: TestResponse | PromiseLike<TestResponse>,
  expected: Expected,
  extensions: SomeExtensions<Expected> = {},
): Promise<ParsedInstance<NameOf<Expected>, Expected>> {
  const { name, type, status } = expected.definition
  const read = await readTestResponse(await response)
  const problem = parseProblem(read, { types: { [name]: type === 'about:blank' ? status : type } })
  if (problem === undefined) throw noProblem(name, read)
  const wanted = { status, body: { type, status, ...asJson(extensions) } }
  const difference = mismatch(name, read, wanted)
  if (difference !== undefined) throw difference
  return problem as unknown as ParsedInstance<NameOf<Expected>, Expected>
}

// A Date in the expectation is a text on the wire.
function asJson(extensions: object): object {
  return JSON.parse(JSON.stringify(extensions)) as object
}
