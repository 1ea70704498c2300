/** Ways a case ends, from good to worst. */
export const outcomes = ['pass', 'fail', 'leak', 'hang', 'crash'] as const
export type Outcome = (typeof outcomes)[number]

export interface Verdict {
  outcome: Outcome
  /** Why it did not pass. */
  message?: string
}

export function worstOf(several: readonly Outcome[]): Outcome | undefined {
  return outcomes.findLast((outcome) => several.includes(outcome))
}
