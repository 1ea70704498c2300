/** Where a project's events go, and with which key. */
export interface Dsn {
  /** 32 hexadecimal digits, lower case. */
  publicKey: string
  /** Decimal digits. */
  projectId: string
  /** `https://host:port/prefix`, without a slash at the end. */
  baseUrl: string
}

const FORM = 'http(s)://<publicKey>@host[:port][/prefix]/<projectId>'

/**
 * Reads a DSN in Sentry's form. An old secret key beside the public one is left out.
 * @throws TypeError that says what is wrong, without any part of the DSN: it is a credential.
 * @see https://develop.sentry.dev/sdk/foundations/transport/authentication/
 */
export function parseDsn(text: string): Dsn {
  const url = urlOf(text)
  const mistake = mistakeOf(url)
  if (mistake !== undefined) throw new TypeError(`The DSN ${mistake}: it has the form ${FORM}.`)
  const [prefix, projectId] = splitPath((url as URL).pathname)
  const { protocol, host, username } = url as URL
  return { publicKey: username.toLowerCase(), projectId, baseUrl: `${protocol}//${host}${prefix}` }
}

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function mistakeOf(url: URL | undefined): string | undefined {
  if (url === undefined) return 'is no URL'
  if (!/^https?:$/.test(url.protocol)) return 'does not begin with http:// or https://'
  if (!/^[\da-f]{32}$/i.test(url.username)) return 'has no public key of 32 hexadecimal digits'
  if (!/^\d+$/.test(splitPath(url.pathname)[1])) return 'does not end with the number of a project'
  if (url.search !== '' || url.hash !== '') return 'has something behind the number of the project'
  return undefined
}

function splitPath(pathname: string): [prefix: string, projectId: string] {
  const path = pathname.replace(/\/+$/, '')
  const slash = path.lastIndexOf('/')
  return [path.slice(0, slash).replace(/\/+$/, ''), path.slice(slash + 1)]
}
