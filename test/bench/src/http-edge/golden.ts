import type { GoldenCase } from '../../../golden/case.ts'
import type { GoldenProblems } from '../../../golden/catalogue.ts'
import type { Kit } from '../../../golden/kit.ts'
import type { Framework } from '../../../golden/start-service.ts'

export type { Framework, GoldenCase, GoldenProblems, Kit }

/** What this bench takes from test/golden, compiled: a part of it is more than type stripping can run. */
export interface Golden {
  cases: readonly GoldenCase[]
  problems: GoldenProblems
  faultlineKit: Kit
  runCase(golden: GoldenCase, kit: Kit, framework: Framework): Promise<void>
  CaseHung: new () => Error
  Leak: new (options: object) => Error
}

const compiled = new URL('../../../../.build/test/golden/', import.meta.url)

export async function loadGolden(): Promise<Golden> {
  const load = (file: string) => import(new URL(file, compiled).href)
  const { goldenCases: cases } = await load('cases/list.js')
  return {
    cases,
    ...(await load('case.js')),
    ...(await load('catalogue.js')),
    ...(await load('expect.js')),
    ...(await load('faultline-kit.js')),
  }
}
