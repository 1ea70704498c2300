import { type FileHandle, open, stat } from 'node:fs/promises'
import type { SourceContext } from '@faultline/protocol'
import { cutContext } from './cut-context.js'
import { RecentCache } from './recent-cache.js'

/** A place in a file whose source is wanted. */
export interface SourcePlace {
  /** Absolute. */
  path: string
  line: number
  column?: number | undefined
}

/** Reads the source around places. Never rejects; `undefined` stands for what cannot be read. */
export type SourceReader = (places: readonly SourcePlace[]) => Promise<(SourceContext | undefined)[]>

const FILE_BYTES = 2_097_152
/** Twice as many are held at most. */
const CACHED_PLACES = 1000
/** A stack may come from elsewhere and name any file of this machine: only source is read. */
const SOURCE_FILE = /\.[cm]?[jt]sx?$/i
const MAP_COMMENT = '\n//# sourceMappingURL='

/**
 * A reader that remembers the places it was asked for, those that cannot be read too. It reads one file at a time, so that no two
 * read the same one, and no more than one is in memory.
 * @param onBuiltLines Called once, when a file has a source map that Node does not use.
 */
export function createSourceReader(onBuiltLines?: () => void): SourceReader {
  const known = new RecentCache<SourceContext | undefined>(CACHED_PLACES)
  let tell = onBuiltLines
  let reading: Promise<unknown> = Promise.resolve()

  const readFiles = async (places: readonly SourcePlace[]) => {
    for (const [path, wanted] of byPath(places.filter((place) => !known.has(keyOf(place))))) {
      const text = await readStart(path)
      const lines = text?.split('\n')
      for (const place of wanted) known.set(keyOf(place), lines && cutContext(lines, place))
      if (tell === undefined || text === undefined || !isBuilt(text)) continue
      const tellOnce = tell
      tell = undefined
      tellOnce()
    }
  }
  return async (places) => {
    const readable = places.filter((place) => SOURCE_FILE.test(place.path))
    if (readable.some((place) => !known.has(keyOf(place)))) {
      reading = reading.then(() => readFiles(readable)).catch(() => undefined)
      await reading
    }
    return places.map((place) => known.get(keyOf(place)))
  }
}

function keyOf({ path, line, column }: SourcePlace): string {
  return `${path}:${line}:${column}`
}

function byPath(places: readonly SourcePlace[]): Map<string, SourcePlace[]> {
  const grouped = new Map<string, SourcePlace[]>()
  for (const place of places) {
    const group = grouped.get(place.path)
    if (group) group.push(place)
    else grouped.set(place.path, [place])
  }
  return grouped
}

/** Nothing but a regular file: a pipe has no end. */
async function readStart(path: string): Promise<string | undefined> {
  let file: FileHandle | undefined
  try {
    const about = await stat(path)
    if (!about.isFile()) return undefined
    file = await open(path)
    const buffer = Buffer.allocUnsafe(Math.min(about.size, FILE_BYTES))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch {
    return undefined
  } finally {
    await file?.close().catch(() => undefined)
  }
}

/** Does the file end with the name of a source map, and Node not use it? */
function isBuilt(text: string): boolean {
  if (process.sourceMapsEnabled !== false) return false
  const at = text.lastIndexOf(MAP_COMMENT)
  return (
    at !== -1 &&
    !text
      .slice(at + MAP_COMMENT.length)
      .trimEnd()
      .includes('\n')
  )
}
