import { closeSync, openSync, readSync } from 'node:fs'

/** The first bytes of a file as text; `undefined` where it cannot be read. For small files at start-up, those of `/proc` too. */
export function fileStart(path: string, mostBytes = 65_536): string | undefined {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const buffer = Buffer.allocUnsafe(mostBytes)
    let length = 0
    // /proc gives a page at a time and says no size
    for (let read = -1; read !== 0; length += read) {
      read = readSync(file, buffer, length, mostBytes - length, null)
    }
    return buffer.toString('utf8', 0, length)
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
