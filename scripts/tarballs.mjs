// npm run pack: the packages as npm would get them, in ./tarballs, to try them in a project of your own.
import { readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { build, mustPass, packageFolders, root, setup } from './workspace.mjs'

setup()
mustPass(build())
const { packOne } = await import('./pack-one.mjs') // it needs what setup has installed

const folder = join(root, 'tarballs')
rmSync(folder, { recursive: true, force: true })
for (const path of packageFolders()) {
  const { name, private: isPrivate } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
  if (isPrivate) continue
  // Without a version in the name, so that a documented command goes on working.
  const tarball = join(folder, `${name.replace('@', '').replace('/', '-')}.tgz`)
  packOne(path, tarball)
  console.log(relative(root, tarball))
}
