import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { isPlainObject } from './config-mistakes.js'

const NAMES = ['faultline.config.json', 'faultline.config.yaml', 'faultline.config.yml']

/** What a file says, as it is; and what is wrong with the file itself. */
export interface ConfigFile {
  value: Record<string, unknown>
  mistakes: string[]
  /** As it was named, or found. */
  name?: string
}

/**
 * Reads the file that is named, or the one that lies in the working directory, if any.
 * @param folder the working directory
 */
export function readConfigFile(file: string | undefined, folder: string): ConfigFile {
  if (file !== undefined) return read(file)
  const [found, ...others] = NAMES.filter((name) => existsSync(join(folder, name)))
  if (found === undefined) return { value: {}, mistakes: [] }
  if (others.length > 0)
    return mistaken(`${[found, ...others].join(' and ')} are both there: keep one of them`)
  return read(join(folder, found), found)
}

function read(path: string, name = path): ConfigFile {
  try {
    return parse(readFileSync(path, 'utf8'), name)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return mistaken(`${name} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : message}`)
  }
}

function parse(text: string, name: string): ConfigFile {
  const { value, mistakes } = name.endsWith('.json') ? parseJson(text, name) : parseYaml(text, name)
  if (mistakes.length > 0) return { value: {}, mistakes }
  if (value === null) return { value: {}, mistakes } // nothing but comments
  return isPlainObject(value)
    ? { value, mistakes, name }
    : mistaken(`${name} must hold an object of names and values`)
}

function parseJson(text: string, name: string): { value?: unknown; mistakes: string[] } {
  try {
    return { value: JSON.parse(text.replace(/^\uFEFF/, '')), mistakes: [] }
  } catch (error) {
    return mistaken(`${name} is no JSON: ${(error as Error).message}`)
  }
}

function parseYaml(text: string, name: string): { value?: unknown; mistakes: string[] } {
  const { LineCounter, parseDocument } = createRequire(import.meta.url)('yaml') as typeof import('yaml') // rarely needed
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const mistakes = document.errors.map(({ pos, message }) => {
    return `${name}, line ${lineCounter.linePos(pos[0]).line}: ${message}`
  })
  return mistakes.length > 0 ? { mistakes } : { value: document.toJS(), mistakes }
}

function mistaken(mistake: string): ConfigFile {
  return { value: {}, mistakes: [mistake] }
}
