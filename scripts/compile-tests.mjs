import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build, packageFolders, root } from './workspace.mjs'

/** Compiles libraries and tests into .build/; gives tsc's exit code. */
export function compileTests({ clean = true } = {}) {
  // A renamed test would go on running from its old output.
  if (clean) rmSync(join(root, '.build'), { recursive: true, force: true })
  const exitCode = build('tsconfig.test.json')
  for (const folder of packageFolders()) linkSources(folder)
  return exitCode
}

// See tsconfig.test.json: a test's '../src/x.js' is the built file.
function linkSources(folder) {
  const link = join(root, '.build', folder, 'src')
  // a link that leads nowhere is one too
  if (lstatSync(link, { throwIfNoEntry: false })) return
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(relative(dirname(link), join(root, folder, 'dist')), link)
}
