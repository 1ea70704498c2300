import { FILTERED } from './filtered.js'
import { hasIban, redactNumbers } from './numbers.js'

/** A key that has one of these words is sensitive; `api key`, `api-key` and `apiKey` are all `apikey`. */
export const SENSITIVE_WORDS: readonly string[] = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'apikey',
  'auth',
  'authorization',
  'credential',
  'privatekey',
  'token',
  'otp',
  'totp',
  'twofactor',
  '2fa',
  'pwd',
  'cvv',
  'cvc',
  'csrf',
  'xsrf',
  'sessionid',
]

/** Sensitive as the last word of a key only: `session`, `laravel_session`, `connect.sid`, but not `sessionCount`. */
export const SENSITIVE_LAST_WORDS: ReadonlySet<string> = new Set(['session', 'cookie', 'sid'])

/** Words that people write without a boundary: `PGPASSWORD`, `accesstoken`, `PHPSESSID`. */
export const SENSITIVE_WORD_ENDS = /(?:password|passwd|secret|token|apikey|sess(?:ion)?id)s?$/

/** The least that a sensitive key has in it, for finding keys in text. */
export const SENSITIVE_STEMS: readonly string[] = [
  'passw',
  'passphrase',
  'secret',
  'api[_-]?key',
  'auth',
  'credential',
  'private[_-]?key',
  'token',
  'otp',
  'factor',
  '2fa',
  'pwd',
  'cv[cv]',
  'csrf',
  'xsrf',
  'sess',
  'cookie',
  'sid',
]

/** A value that is sensitive by its form. Only text with the hint in it is searched: clean text costs next to nothing. */
export interface ValuePattern {
  readonly hint: RegExp | string
  /** Linear: it starts only where a run starts, or is bounded. */
  readonly pattern: RegExp
  readonly replacement: string | ((match: string, offset: number, text: string) => string)
}

/** In the order in which they are replaced. */
export const SENSITIVE_VALUES: readonly ValuePattern[] = [
  // AWS access key ids, and what may be an IBAN.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
  {
    hint: /[A-Z]{2}(?:\d\d[ -]?[A-Z\d]{4}|[A-Z]{2}[A-Z\d]{16})/,
    pattern:
      /(?<![A-Za-z\d])(?:A(?:KIA|SIA|BIA|CCA|GPA|IDA|IPA|NPA|NVA|PKA|ROA|SCA)[A-Z\d]{16}|[A-Z]{2}\d\d(?:[ -]?[A-Z\d]{1,4}){3,8})(?![A-Za-z\d])/g,
    replacement: (match) => (/^[A-Z]{4}/.test(match) ? FILTERED : redactIban(match)),
  },
  // Stripe, GitHub, npm, Slack, GitLab, Google, SendGrid
  {
    hint: /[_-](?<=k_(?:live|test)_|gh[oprsu]_|_pat_|npm_|xox.-|glpat-)|AIza|SG\./,
    pattern:
      /(?<![A-Za-z\d])(?:[rs]k_(?:live|test)_[A-Za-z\d]{16,}|(?:gh[oprsu]|npm)_[A-Za-z\d]{30,}|github_pat_\w{20,}|xox[abeprs]-[\w-]{10,}|glpat-[\w-]{16,}|AIza[\w-]{30,}|SG\.[\w-]{16,}\.[\w-]{16,})/g,
    replacement: FILTERED,
  },
  // JWS and JWE
  { hint: 'J', pattern: /(?<![\w-])eyJ[\w-]+\.[\w-]+(?:\.[\w-]*){0,3}/g, replacement: FILTERED },
  // The words are those of prose and of a challenge: `Bearer realm="orders"`.
  {
    hint: /[Bb][Ee][Aa][Rr][Ee][Rr] /,
    pattern: /\b(bearer) +(?!(?:token|auth\w*|scheme|credentials?|realm|error|scope)\b)[\w.~+/-]+=*/gi,
    replacement: (match) => `${match.slice(0, 6)} ${FILTERED}`,
  },
  // Groups are split in numbers.ts.
  {
    hint: /\d{3}(?:\d{9}|[ -]\d\d)|\.\d{1,3}\.\d{1,3}\.\d/,
    pattern: /\d+(?:[ .-]\d+)*/g,
    replacement: redactNumbers,
  },
]

// Nor right behind a filtered value.
export const IPV6 = /(?<![\w:.\]])[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}(?![\w:])/gi

/** `//user:password@host`, also where the password holds a raw `/`; `//host:80/` is not one. */
export const URL_CREDENTIALS = /\/\/(?:[^\s/?#"'<>]+|[^\s/?#"'<>@:]{1,64}:(?!\d{1,5}[/?#])[^\s"'<>]{1,128})@/g

/** Not `logo@2x.png`, nor a package's version. What is glued to its end goes with it. */
export const EMAIL = new RegExp(
  [
    '(?<!LOCAL)LOCAL*[^.STOP]@',
    /(?!v?\d+(?:\.\d|x\.))(?:[a-z\d\u0080-\uffff-]+\.)+[a-z\u0080-\uffff]{2,}/.source,
    '(?:\\.*[^.STOP]+)*',
  ]
    .join('')
    .replaceAll('LOCAL', '[^STOP]')
    .replaceAll('STOP', '\\s@<>()[\\]{}"\'`,;:=/\\\\|&?#*!'),
  'gi',
)

// What follows an IBAN in a sentence may look like another group of it.
function redactIban(match: string): string {
  for (let end = match.length; end >= 15; end--) {
    const isEnd = end === match.length || !/[A-Z\d]/.test(match.charAt(end))
    if (isEnd && hasIban(match.slice(0, end))) return FILTERED + match.slice(end)
  }
  return match
}
