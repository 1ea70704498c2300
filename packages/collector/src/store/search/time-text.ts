const AGE = /^-(\d{1,6})([smhdw])$/
/** A day, or a time in it. */
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/i
const ZONE = /(Z|[+-]\d\d:\d\d)$/i

export const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** `-24h`, in milliseconds. */
export function readAge(text: string): number | undefined {
  const [, amount, unit = ''] = AGE.exec(text) ?? []
  return amount === undefined ? undefined : Number(amount) * (UNIT_MS[unit] as number)
}

/** `2026-11-23`, `2026-11-23T08:30Z`, in milliseconds since 1970: without an offset it is UTC. */
export function readTimeText(text: string): number | undefined {
  if (!TIME.test(text)) return undefined
  const isZoned = text.length === '2026-11-23'.length || ZONE.test(text)
  const time = Date.parse(isZoned ? text.toUpperCase() : `${text.toUpperCase()}Z`)
  return Number.isNaN(time) ? undefined : time
}
