import { CookieJar } from 'tough-cookie'

export interface Asked {
  method?: string
  json?: unknown
  /** Sent as a form of a page would be. */
  form?: Record<string, string>
  headers?: Record<string, string>
}

/** What keeps cookies, and nothing else of a browser: it follows no redirect. */
export function createBrowser(origin: string) {
  const jar = new CookieJar()
  const ask = async (path: string, { method = 'GET', json, form, headers = {} }: Asked = {}) => {
    const url = origin + path
    const cookie = await jar.getCookieString(url)
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        ...(cookie !== '' && { cookie }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: json === undefined ? form && new URLSearchParams(form) : JSON.stringify(json),
    })
    for (const line of response.headers.getSetCookie()) await jar.setCookie(line, url)
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      // biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
      body: (isJson ? JSON.parse(text) : undefined) as any,
    }
  }
  return { ask, jar }
}
