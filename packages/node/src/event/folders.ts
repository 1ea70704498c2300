import { dirname } from 'node:path'

/** A folder, and those it lies in. */
export function foldersAbove(folder: string): string[] {
  const folders = [folder]
  for (let parent = dirname(folder); parent !== folders.at(-1); parent = dirname(parent)) folders.push(parent)
  return folders
}

/** The working folder; the root where that was removed. */
export function currentFolder(): string {
  try {
    return process.cwd()
  } catch {
    return '/'
  }
}
