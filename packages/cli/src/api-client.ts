import { CommandFailed } from './command-failed.js'

/** Where the API is, and who asks. */
export interface ApiAccess {
  url: string
  token: string
}

const TIMEOUT_MS = 30_000

interface Sent {
  /** As JSON. */
  body?: object
  timeoutMs?: number
}

/**
 * Asks a running collector.
 * @param path below `/api/v1`
 * @throws CommandFailed that says why there is no answer, or what the problem is
 */
export async function askApi(
  { url, token }: ApiAccess,
  path: string,
  method = 'GET',
  { body: sent, timeoutMs = TIMEOUT_MS }: Sent = {},
): Promise<unknown> {
  const response = await asked(`${url.replace(/\/+$/, '')}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(sent && { 'content-type': 'application/json' }),
    },
    ...(sent && { body: JSON.stringify(sent) }),
    signal: AbortSignal.timeout(timeoutMs),
  })
  const body = await bodyOf(response)
  if (response.ok) return body
  const { title = `it answered ${response.status}`, detail = '' } = (body ?? {}) as {
    title?: string
    detail?: string
  }
  throw new CommandFailed(`${title} ${detail}`.trim())
}

async function asked(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string; message?: string } }
    const why = cause?.code ?? cause?.message ?? message
    throw new CommandFailed(
      `No collector answers at ${new URL(url).origin} (${why}): name it with --url or FAULTLINE_URL.`,
    )
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    throw new CommandFailed(
      `What answers at ${new URL(response.url).origin} is no collector: it sent no JSON.`,
    )
  }
}
