import { startFree } from '../measure/pinned-process.ts'

/** What the machine itself does with the simplest part of the work: parsing one event of the load. */
export interface CoreTimes {
  aloneMicros: number
  /** Of each of two processes at the same time: cores that share their units are slower then. */
  bothMicros: number
}

export async function measureCores(): Promise<CoreTimes> {
  const script = new URL('./parse-process.ts', import.meta.url)
  const [one, other] = [startFree(script), startFree(script)]
  const ask = (process: typeof one) => process.ask<{ micros: number }>({})
  await ask(one)
  await ask(other)
  const { micros: aloneMicros } = await ask(one)
  const both = await Promise.all([ask(one), ask(other)])
  await Promise.all([one.stop(), other.stop()])
  return { aloneMicros, bothMicros: (both[0].micros + both[1].micros) / 2 }
}
