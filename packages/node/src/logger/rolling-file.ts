import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type DestinationStream, destination } from 'pino'

export interface RollingFileOptions {
  dir: string
  /** `app` of `app.2026-11-23.1.log`. */
  name: string
  fileBytes: number
  keepFiles: number
}

/** What may wait while the disk is full; then lines are dropped. */
const WAITING_BYTES = 4_194_304

/**
 * A file that is followed by another when it is full, and each day. Writes are synchronous, as pino's own: a line is in the file
 * when the call returns, whatever ends the process then.
 * @throws the system's error if the file cannot be opened.
 */
export function openRollingFile({ dir, name, fileBytes, keepFiles }: RollingFileOptions): DestinationStream {
  const writing = { sync: true, maxLength: WAITING_BYTES }
  const warn = warnOnce(join(dir, name))
  // pino-roll has to look round first, which takes some milliseconds: until then the lines go where it will most likely go on.
  const first = destination({ ...writing, mkdir: true, dest: newestFile(dir, name) }).on('error', warn)
  let current: DestinationStream = first
  rollingFile()
    .then((rolling) => {
      current = rolling.on('error', warn)
      first.end()
    })
    .catch(warn)
  return { write: (line) => current.write(line) }

  async function rollingFile() {
    const { default: roll } = await import('pino-roll') // 0.1 s to load, which only files need
    return roll({
      ...writing,
      file: join(dir, name),
      size: `${fileBytes}b`,
      frequency: 'daily',
      dateFormat: 'yyyy-MM-dd',
      limit: { count: keepFiles, removeOtherLogFiles: true },
    })
  }
}

/** The file of today with the highest number. */
function newestFile(dir: string, name: string): string {
  const now = new Date()
  const today = `${now.getFullYear()}-${twoDigits(now.getMonth() + 1)}-${twoDigits(now.getDate())}`
  const numbers = filesIn(dir).map((file) => {
    const [of, date, number, extension] = file.split('.')
    return of === name && date === today && extension === 'log' ? Number(number) || 1 : 1
  })
  return join(dir, `${name}.${today}.${Math.max(1, ...numbers)}.log`)
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}

function filesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch {
    return [] // the folder is made when the file is opened
  }
}

/** A full disk must not stop a service, and the log cannot tell of it. */
function warnOnce(file: string): (error: Error) => void {
  let isTold = false
  return (error) => {
    if (!isTold)
      process.emitWarning(`The log file ${file} cannot be written: ${error.message}`, 'FaultlineWarning')
    isTold = true
  }
}
