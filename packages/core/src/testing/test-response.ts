import { type FetchResponse, parseBody, type ResponseHeaders } from '../client/read-response.js'

/** A fetch `Response`, a result of Fastify's `inject`, or a response of supertest and its like. */
export type TestResponse = FetchResponse | InjectedResponse | ReceivedResponse

/** What `app.inject()` of Fastify (light-my-request) gives. */
export interface InjectedResponse {
  readonly statusCode: number
  readonly headers: ResponseHeaders
  readonly body: unknown
}

/** What supertest and most HTTP libraries give; `text` is read rather than `body`. */
export interface ReceivedResponse {
  readonly status: number
  readonly headers: ResponseHeaders
  readonly body?: unknown
  readonly text?: unknown
}

/** A response of a test, its JSON parsed. */
export interface ReadTestResponse {
  status: number
  headers: ResponseHeaders
  /** The parsed JSON, or the text when it is none. */
  body: unknown
}

/** Reads whatever a test calls a response. */
export async function readTestResponse(response: TestResponse): Promise<ReadTestResponse> {
  const status = 'status' in response ? response.status : response.statusCode
  const text = 'text' in response ? response.text : undefined
  const content: unknown = typeof text === 'function' ? await text.call(response) : (text ?? response.body)
  return { status, headers: response.headers, body: parseBody(content, Number.POSITIVE_INFINITY) ?? content }
}
