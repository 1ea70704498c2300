import { FILTERED } from './filtered.js'

/** Card numbers, US social security numbers and IPv4 addresses in a run of digit groups. */
export function redactNumbers(run: string, offset: number, text: string): string {
  if (run.length < 7) return run
  const before = text.charAt(offset - 1)
  if (/[A-Za-z]/.test(before)) return run
  const isProduct = before === '/' && /[A-Za-z]/.test(text.charAt(offset - 2)) // `Chrome/120.0.0.0`
  const end = offset + run.length
  return redactGroups(run, /\w/.test(text.charAt(end)), isProduct && text.charAt(end) !== ':')
}

// Even places are digits, odd ones the separators between them.
function redactGroups(run: string, isWordAfter: boolean, isProduct: boolean): string {
  const parts = run.split(/([ .-])/)
  let result = ''
  // Right behind a filtered number the run begins anew, as it would the second time.
  let begin = 0
  for (let at = 0; at < parts.length; at++) {
    const before = at > begin ? parts[at - 1] : undefined
    const length = at % 2 === 0 ? sensitiveLength(parts, at, before, isProduct && at === 0) : 0
    const last = at + length - 1
    if (length === 0 || (isWordAfter && last === parts.length - 1)) result += parts[at]
    else {
      result += FILTERED
      at = last
      begin = last + 2
    }
  }
  return result
}

/** How many parts, separators included, belong to a sensitive number that starts here; 0 for none. */
function sensitiveLength(
  parts: readonly string[],
  at: number,
  before: string | undefined,
  isProduct: boolean,
): number {
  if (before === '.') return 0
  if (!isProduct && isIpv4(parts, at)) return 7
  if (before !== '-' && isSsn(parts, at)) return 5
  return cardLength(parts, at)
}

function isIpv4(parts: readonly string[], at: number): boolean {
  for (let i = 0; i < 4; i++) {
    const group = parts[at + 2 * i]
    if (group === undefined || !isByte(group)) return false
    if ((parts[at + 2 * i + 1] === '.') !== i < 3) return false
  }
  return true
}

function isByte(digits: string): boolean {
  return digits.length <= 3 && Number(digits) <= 255 && (digits.length === 1 || digits[0] !== '0')
}

/** @see https://secure.ssa.gov/poms.nsf/lnx/0110201035 */
function isSsn(parts: readonly string[], at: number): boolean {
  if (parts[at + 1] !== '-' || parts[at + 3] !== '-') return false
  const [area = '', group = '', serial = ''] = [parts[at], parts[at + 2], parts[at + 4]]
  if (area.length !== 3 || group.length !== 2 || serial.length !== 4) return false
  return area !== '000' && area !== '666' && area[0] !== '9' && group !== '00' && serial !== '0000'
}

// 4111111111111111, 4111-1111-1111-1111, 3782 822463 10005. The longest wins: a card may have 19 digits.
function cardLength(parts: readonly string[], at: number): number {
  const first = parts[at] ?? ''
  if (first.length > 4) return parts[at + 1] !== '.' && isCard(first) ? 1 : 0
  if (first.length < 4) return 0
  let digits = first
  let length = 0
  for (let next = at + 2; next < parts.length && digits.length < 19; next += 2) {
    const group = parts[next] ?? ''
    if (parts[next - 1] === '.' || parts[next - 1] !== parts[at + 1] || group.length < 3 || group.length > 6)
      break
    digits += group
    if (isCard(digits)) length = next - at + 1
  }
  return length
}

/** An issuer's prefix and length, and Luhn's check digit. @see ISO/IEC 7812-1 */
export function isCard(digits: string): boolean {
  return /^(?:4\d{12}|3\d{13,14}|[3-6]\d{15,18}|2[2-7]\d{14})$/.test(digits) && hasLuhn(digits)
}

function hasLuhn(digits: string): boolean {
  let sum = 0
  for (let i = digits.length - 1, isDouble = false; i >= 0; i--, isDouble = !isDouble) {
    const digit = digits.charCodeAt(i) - 48
    sum += !isDouble ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit
  }
  return sum % 10 === 0
}

/** The whole text is an IBAN, with or without spaces. @see ISO 13616-1, check digits of ISO/IEC 7064 */
export function hasIban(text: string): boolean {
  const compact = text.replace(/[ -]/g, '')
  if (compact.length < 15 || compact.length > 34) return false
  let rest = 0
  for (let i = 0; i < compact.length; i++) {
    const code = compact.charCodeAt((i + 4) % compact.length)
    rest = code < 65 ? (rest * 10 + code - 48) % 97 : (rest * 100 + code - 55) % 97
  }
  return rest === 1
}

/** The whole text is an IPv6 address. One with no digit is taken for code: `A::B`. */
export function isIpv6(text: string): boolean {
  const mapped = text.indexOf('.')
  const colon = text.lastIndexOf(':')
  if (mapped !== -1 && !isIpv4(text.slice(colon + 1).split(/(\.)/), 0)) return false
  const plain = mapped === -1 ? text : `${text.slice(0, colon)}:0:0`
  if (!/\d/.test(text) || /:::|^:[^:]|[^:]:$/.test(plain)) return false
  const halves = plain.split('::')
  const groups = plain.split(':').filter((group) => group !== '').length
  return halves.length === 1 ? groups === 8 : halves.length === 2 && groups < 8
}
