import { CommandFailed } from './command-failed.js'

/** Where the API is, and who asks. */
export interface ApiAccess {
  url: string
  token: string
}

interface ApiRequest {
  method?: string
  accept?: string
  /** As JSON. */
  body?: object
  signal: AbortSignal
}

/** Nobody has answered, or somebody who cannot now: the same may work later. */
export class CollectorAway extends CommandFailed {}

const TIMEOUT_MS = 30_000

interface Sent extends Pick<ApiRequest, 'body'> {
  /** Default: half a minute. */
  timeoutMs?: number
}

/**
 * Asks a running collector.
 * @param path below `/api/v1`
 * @throws CommandFailed that says why there is no answer, or what the problem is
 */
export async function askApi(
  access: ApiAccess,
  path: string,
  method = 'GET',
  { body, timeoutMs = TIMEOUT_MS }: Sent = {},
): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs)
  return bodyOf(await openApi(access, path, { method, body, signal }))
}

/**
 * A good answer whose body has not been read yet.
 * @param path below `/api/v1`
 * @throws CommandFailed as `askApi`; 2 where the request itself is wrong
 */
export async function openApi(
  { url, token }: ApiAccess,
  path: string,
  request: ApiRequest,
): Promise<Response> {
  const { accept = 'application/json', body: sent, ...init } = request
  const headers = {
    authorization: `Bearer ${token}`,
    accept,
    ...(sent && { 'content-type': 'application/json' }),
  }
  const response = await asked(`${url.replace(/\/+$/, '')}/api/v1${path}`, {
    ...init,
    headers,
    body: JSON.stringify(sent),
  })
  if (response.ok) return response
  const { status } = response
  const isAway = status >= 500 || status === 429 // a proxy says it in HTML
  const body = await (isAway ? response.json().catch(() => undefined) : bodyOf(response))
  const message = problemText((body ?? {}) as Problem, status)
  if (isAway) throw new CollectorAway(message)
  throw new CommandFailed(message, status === 400 ? 2 : 1)
}

interface Problem {
  title?: string
  detail?: string
  errors?: { name?: string; pointer?: string; detail?: string }[]
}

function problemText({ title, detail, errors = [] }: Problem, status: number): string {
  const mistakes = errors.map(({ name, pointer, detail }) =>
    `${name ?? pointer ?? ''} ${detail ?? ''}`.trim(),
  )
  return [title ?? `it answered ${status}`, detail, mistakes.join('; ')].filter(Boolean).join(' ')
}

async function asked(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string; message?: string } }
    const why = cause?.code ?? cause?.message ?? message
    throw new CollectorAway(
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
