/**
 * The seconds of a `Retry-After`, from either form; a date that has passed is 0.
 * @param now Milliseconds since 1970.
 * @see RFC 9110 §10.2.3
 */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d{1,15}\s*$/.test(header)) return Number(header)
  // Date.parse takes `-1` and `5.5` for years and months; every HTTP date begins with the day of the week.
  const at = /^\s*[A-Za-z]{3}/.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000))
}
