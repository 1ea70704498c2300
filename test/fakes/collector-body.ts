import type { IncomingMessage } from 'node:http'
import * as zlib from 'node:zlib'
import { Refusal } from './collector-faults.ts'

/**
 * The unpacked body.
 * @throws Refusal 413, 415 or 400.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const packed = await readBytes(request, limitBytes)
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? ''
  const unpack = unpackers[encoding]
  if (unpack === undefined) throw new Refusal(415, `The encoding '${encoding}' is unknown.`)
  try {
    return unpack(packed, { maxOutputLength: Math.min(limitBytes, 1_000_000_000) })
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes)
    throw new Refusal(400, `The body is no ${encoding}.`)
  }
}

type Unpack = (packed: Buffer, options: { maxOutputLength: number }) => Buffer

const asItIs: Unpack = (packed) => packed
// Node 20 has no zstd, and its types neither.
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: Unpack }

const unpackers: Record<string, Unpack | undefined> = {
  // The empty one and utf-8 are what some Sentry SDKs send.
  '': asItIs,
  identity: asItIs,
  'utf-8': asItIs,
  gzip: zlib.gunzipSync,
  br: zlib.brotliDecompressSync,
  deflate: (packed, options) =>
    isZlib(packed) ? zlib.inflateSync(packed, options) : zlib.inflateRawSync(packed, options),
  zstd: zstdDecompressSync,
}

/** RFC 1950: method 8, and the first two bytes are a multiple of 31; raw deflate has no such beginning. */
function isZlib(packed: Buffer): boolean {
  return packed.length >= 2 && ((packed[0] as number) & 15) === 8 && packed.readUInt16BE(0) % 31 === 0
}

function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > limitBytes) reject(tooLarge(limitBytes))
      else chunks.push(chunk)
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('close', () => reject(new Error('The client has gone.')))
  })
}

function tooLarge(limitBytes: number): Refusal {
  return new Refusal(413, `The body is larger than ${limitBytes} bytes.`)
}
