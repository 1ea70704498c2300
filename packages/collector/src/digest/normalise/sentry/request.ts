import type { ErrorEvent } from '@faultline/protocol'
import { anyText, compact, countOf, entriesOf, isEmpty, recordOf, type Said, textOf } from '../untrusted.js'

type Request = NonNullable<ErrorEvent['request']>

/** `GET /orders/:id`: how web frameworks name a transaction. SDKs that know no route take the URL: its query is left out. */
const ROUTE = /^(?:(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )?(\/[^?]*)/
/** Asks the collector to take the address that the event comes from; so does `infer_ip`. */
const FROM_SENDER = '{{auto}}'

/** The request during which it happened, from `request`, `contexts.response`, `transaction` and the user's address. */
export function requestOf(said: Said): Request | undefined {
  const sent = recordOf(said.request) ?? {}
  const [, methodOfRoute, route] = routeOf(said) ?? []
  const headers = headersOf(sent)
  const url = textOf(sent.url)
  const end = url?.search(/[?#]/) ?? -1
  const request = compact<Request>({
    id: headers?.['x-request-id'],
    method: textOf(sent.method)?.toUpperCase() ?? methodOfRoute,
    route,
    url: url === undefined || end === -1 ? url : url.slice(0, end),
    query: queryOf(sent.query_string) ?? queryInUrl(url),
    headers,
    body: isEmpty(sent.data) ? undefined : sent.data,
    ip: addressOf(said),
    userAgent: headers?.['user-agent'],
    status: countOf(recordOf(recordOf(said.contexts)?.response)?.status_code),
  })
  return isEmpty(request) ? undefined : request
}

/** Of a URL without the query. In a name, `Users#empty?`, a question mark is no such thing. */
export function transactionOf(said: Said): string | undefined {
  const name = textOf(said.transaction)
  const isUrl = name !== undefined && (sourceOf(said) === 'url' || ROUTE.test(name))
  return isUrl ? textOf(name.replace(/\?.*/s, '')) : name
}

/** Whether the transaction is a route, and needs no tag. */
export function isRoute(said: Said): boolean {
  return routeOf(said) !== undefined
}

function routeOf(said: Said): RegExpExecArray | undefined {
  if ((sourceOf(said) ?? 'route') !== 'route') return undefined
  return ROUTE.exec(textOf(said.transaction) ?? '') ?? undefined
}

function sourceOf(said: Said): unknown {
  return recordOf(said.transaction_info)?.source
}

/** By lower-case name, as Node has them. Cookies go where a browser has them. */
function headersOf(sent: Said): Request['headers'] {
  const headers = entriesOf(sent.headers).flatMap(([name, value]): [string, string][] => {
    const text = Array.isArray(value) ? value.map((one) => anyText(one) ?? '').join(', ') : anyText(value)
    return text === undefined ? [] : [[name.toLowerCase(), text]]
  })
  const cookies = textOf(sent.cookies) ?? pairsOf(sent.cookies, '; ')
  if (cookies !== undefined && !headers.some(([name]) => name === 'cookie')) headers.push(['cookie', cookies])
  return headers.length === 0 ? undefined : Object.fromEntries(headers)
}

function queryOf(said: unknown): string | undefined {
  return textOf(said)?.replace(/^\?/, '') || pairsOf(said, '&')
}

function queryInUrl(url: string | undefined): string | undefined {
  const start = url?.indexOf('?') ?? -1
  return (start === -1 ? undefined : url?.slice(start + 1).replace(/#.*$/s, '')) || undefined
}

function pairsOf(said: unknown, separator: string): string | undefined {
  const pairs = entriesOf(said).map(([name, value]) => `${encode(name)}=${encode(anyText(value) ?? '')}`)
  return pairs.length === 0 ? undefined : pairs.join(separator)
}

/** So that it is seen where a value ends. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function addressOf(said: Said): string | undefined {
  const address =
    textOf(recordOf(said.user)?.ip_address) ?? textOf(recordOf(recordOf(said.request)?.env)?.REMOTE_ADDR)
  if (address !== undefined) return address
  return recordOf(recordOf(said.sdk)?.settings)?.infer_ip === 'auto' ? FROM_SENDER : undefined
}
