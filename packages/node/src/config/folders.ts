import { accessSync, constants, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Why a folder can neither be written nor made, in words that follow its name; `undefined` if it can. Nothing is made. */
export function folderMistake(path: string): string | undefined {
  const inTheWay = fileInTheWay(path)
  if (inTheWay !== undefined) return inTheWay
  const nearest = nearestExisting(path)
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const what = nearest === resolve(path) ? 'cannot be written' : `cannot be made in ${nearest}`
    return `${what} (${code}): let the service’s user write there, or name another folder`
  }
}

/** Why a path can surely never be a folder; `undefined` if it may. */
export function fileInTheWay(path: string): string | undefined {
  const nearest = nearestExisting(path)
  return kindOf(nearest) === 'file'
    ? `cannot be a folder, for ${nearest} is a file: name another folder`
    : undefined
}

function nearestExisting(path: string): string {
  let at = resolve(path)
  while (kindOf(at) === 'missing' && at !== dirname(at)) at = dirname(at)
  return at
}

function kindOf(path: string): 'folder' | 'file' | 'missing' | 'hidden' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'hidden'
  }
}
