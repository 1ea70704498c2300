/** A fetch `Response`, or what looks like one. */
export interface FetchResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body?: unknown
  text(): Promise<string>
}

/** The answer of another HTTP library, already read. */
export interface ReadResponse {
  readonly status: number
  readonly headers: ResponseHeaders
  /** The text, its bytes, or the object that was parsed from it. */
  readonly body: unknown
}

/** Headers by name, in any case, or something to `get` them from. */
export type ResponseHeaders =
  | { get(name: string): unknown }
  | Readonly<Record<string, string | number | readonly string[] | undefined>>

/** The first value of a header. */
export function headerOf(headers: ResponseHeaders, name: string): string | undefined {
  const value = isGettable(headers) ? headers.get(name) : memberOf(headers, name)
  const first: unknown = Array.isArray(value) ? value[0] : value
  return first === undefined || first === null ? undefined : String(first)
}

function isGettable(headers: ResponseHeaders): headers is { get(name: string): unknown } {
  return typeof headers?.get === 'function'
}

function memberOf(headers: object, name: string): unknown {
  return Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1]
}

/** Reads the text of a response and gives up at the limit, without holding more. */
export async function readText(response: FetchResponse, limitBytes: number): Promise<string> {
  const stream = response.body as ReadableStream<Uint8Array> | null | undefined
  // React Native and node-fetch have no web stream here.
  if (typeof stream?.getReader !== 'function') return checkLength(await response.text(), limitBytes)
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength
    if (bytes > limitBytes) {
      reader.cancel().catch(() => {})
      throw tooLarge(limitBytes)
    }
    text += decoder.decode(part.value, { stream: true })
  }
  return text + decoder.decode()
}

/** The parsed body, or `undefined` if it is no JSON. */
export function parseBody(body: unknown, limitBytes: number): unknown {
  if (body instanceof Uint8Array) return parseBytes(body, limitBytes)
  if (typeof body !== 'string') return body
  return parseJson(checkLength(body, limitBytes))
}

function parseBytes(bytes: Uint8Array, limitBytes: number): unknown {
  if (bytes.byteLength > limitBytes) throw tooLarge(limitBytes)
  return parseJson(new TextDecoder().decode(bytes))
}

/** The value of a JSON text, or `undefined`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checkLength(text: string, limitBytes: number): string {
  // A UTF-16 unit is one to three bytes of UTF-8.
  const isSurelySmall = text.length * 3 <= limitBytes
  const isTooLarge = text.length > limitBytes || new TextEncoder().encode(text).length > limitBytes
  if (!isSurelySmall && isTooLarge) throw tooLarge(limitBytes)
  return text
}

function tooLarge(limitBytes: number): RangeError {
  return new RangeError(`The problem is larger than limitBytes (${limitBytes}).`)
}
