// npm run pack: the packages as npm would get them, in ./tarballs, to try them in a project of your own.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { build, mustPass, packageFolders, root, runQuietly, setup } from './workspace.mjs'

setup()
mustPass(build())

const folder = join(root, 'tarballs')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
for (const path of packageFolders()) {
  const manifest = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
  if (!manifest.private) pack(path, manifest.name)
}

// Without a version in the name, so that a documented command goes on working.
function pack(path, name) {
  const tarball = join(folder, `${name.replace('@', '').replace('/', '-')}.tgz`)
  runQuietly('npx', ['--yes', 'pnpm@10.34.9', 'pack', '--out', tarball], { cwd: join(root, path) })
  console.log(relative(root, tarball))
}
