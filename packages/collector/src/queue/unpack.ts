import type { Transform } from 'node:stream'
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type ZlibOptions,
  zstdDecompressSync,
} from 'node:zlib'
import type { Encoding } from './queue.js'

/** A body cannot be unpacked: its sender need not come back with the same. */
export class UnpackFailed extends Error {
  override name = 'UnpackFailed'
  /** `too_large`: more than the limit, however small it came. `corrupt`: not what its encoding says. */
  readonly reason: 'too_large' | 'corrupt'
  constructor(reason: 'too_large' | 'corrupt', options?: ErrorOptions) {
    super(
      reason === 'too_large'
        ? 'The body is too large, unpacked.'
        : 'The body is not in the encoding that it names.',
      options,
    )
    this.reason = reason
  }
}

/**
 * The encoding that a `Content-Encoding` header names; undefined for one that is not known.
 * Empty (sentry-ruby 5) and `utf-8` (a charset in the wrong place) mean none.
 */
export function encodingOf(header: string | undefined): Encoding | undefined {
  const name = (header ?? '').trim().toLowerCase()
  switch (name) {
    case '':
    case 'utf-8':
    case 'utf8':
    case 'identity':
      return 'identity'
    case 'x-gzip':
      return 'gzip'
    case 'gzip':
    case 'deflate':
    case 'br':
    case 'zstd':
      return name
    default:
      return undefined
  }
}

/**
 * The body as it was before it was packed. It never takes more memory than the limit, whatever the bytes promise.
 * @param limitBytes of the unpacked body
 * @throws UnpackFailed
 */
export function unpack(bytes: Uint8Array, encoding: Encoding, limitBytes: number): Buffer {
  if (encoding === 'identity') {
    if (bytes.length > limitBytes) throw new UnpackFailed('too_large')
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
  try {
    return unpackers[encoding](bytes, { maxOutputLength: limitBytes, chunkSize: chunkBytes(bytes.length) })
  } catch (cause) {
    const isTooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw new UnpackFailed(isTooLarge ? 'too_large' : 'corrupt', { cause })
  }
}

/**
 * The beginning of the body as it was before it was packed. Only that is unpacked, whatever would come behind it.
 * @throws UnpackFailed
 */
export async function unpackStart(
  bytes: Uint8Array,
  encoding: Encoding,
  startBytes: number,
): Promise<Buffer> {
  if (encoding === 'identity') return unpack(bytes.subarray(0, startBytes), encoding, startBytes)
  const unpacking = streams[encoding](bytes, { chunkSize: startBytes })
  unpacking.end(bytes)
  try {
    for await (const chunk of unpacking) return chunk as Buffer // leaving the loop ends the stream
  } catch (cause) {
    throw new UnpackFailed('corrupt', { cause })
  }
  return Buffer.alloc(0)
}

/** Most bodies unpack into one piece: that takes two thirds of the time that node's pieces of 16 KiB do. */
function chunkBytes(packedBytes: number): number {
  return Math.min(Math.max(16 * packedBytes, 16_384), 262_144)
}

type Unpacker = (bytes: Uint8Array, options: Pick<ZlibOptions, 'maxOutputLength' | 'chunkSize'>) => Buffer

type UnpackingStream = (bytes: Uint8Array, options: Pick<ZlibOptions, 'chunkSize'>) => Transform

// No more than 8 MiB of window is to be had for a content coding (RFC 9659 §3), and it is memory beside the limit.
const zstdParams = { [constants.ZSTD_d_windowLogMax]: 23 }

const streams: Record<Exclude<Encoding, 'identity'>, UnpackingStream> = {
  gzip: (_bytes, options) => createGunzip(options),
  deflate: (bytes, options) => (hasZlibHeader(bytes) ? createInflate(options) : createInflateRaw(options)),
  br: (_bytes, options) => createBrotliDecompress(options),
  zstd: (_bytes, options) => createZstdDecompress({ ...options, params: zstdParams }),
}

const unpackers: Record<Exclude<Encoding, 'identity'>, Unpacker> = {
  gzip: gunzipSync,
  // The name means zlib's format (RFC 9110 §8.4.1.2), yet there are clients that send the bare one.
  deflate: (bytes, options) =>
    hasZlibHeader(bytes) ? inflateSync(bytes, options) : inflateRawSync(bytes, options),
  br: brotliDecompressSync,
  zstd: (bytes, options) => zstdDecompressSync(bytes, { ...options, params: zstdParams }),
}

/** @see RFC 1950 §2.2. No encoder begins a bare stream so: it would be a stored block whose padding is not zero. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0
}
