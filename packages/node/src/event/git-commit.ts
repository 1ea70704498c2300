import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileStart } from './file-start.js'
import { foldersAbove } from './folders.js'

const PACKED_REFS_BYTES = 8_388_608
/** A reference may name another one. */
const MAX_STEPS = 5

/**
 * The commit that is checked out in the repository a folder lies in, read from git's files: git itself need not be there.
 * @see gitrepository-layout(5)
 */
export function gitCommit(folder: string): string | undefined {
  const gitFolder = findGitFolder(folder)
  if (gitFolder === undefined) return undefined
  const common = fileStart(join(gitFolder, 'commondir'))?.trim()
  const commonFolder = common === undefined ? gitFolder : resolve(gitFolder, common)
  let content = fileStart(join(gitFolder, 'HEAD'))?.trim()
  for (let step = 0; content?.startsWith('ref: ') && step < MAX_STEPS; step++) {
    const name = content.slice('ref: '.length)
    content =
      fileStart(join(gitFolder, name))?.trim() ??
      fileStart(join(commonFolder, name))?.trim() ??
      packedRef(commonFolder, name)
  }
  return content !== undefined && /^(?:[\da-f]{40}|[\da-f]{64})$/.test(content) ? content : undefined
}

/** In a worktree and in a submodule `.git` is a file that says where the folder is. */
function findGitFolder(from: string): string | undefined {
  for (const folder of foldersAbove(from)) {
    const path = join(folder, '.git')
    const entry = statSync(path, { throwIfNoEntry: false })
    if (entry?.isDirectory()) return path
    if (entry?.isFile()) {
      const [, gitFolder] = /^gitdir: (.+)/.exec(fileStart(path) ?? '') ?? []
      return gitFolder && resolve(folder, gitFolder.trim())
    }
  }
  return undefined
}

function packedRef(commonFolder: string, name: string): string | undefined {
  const packed = fileStart(join(commonFolder, 'packed-refs'), PACKED_REFS_BYTES) ?? ''
  const at = packed.indexOf(` ${name}\n`)
  return at === -1 ? undefined : packed.slice(packed.lastIndexOf('\n', at) + 1, at)
}
