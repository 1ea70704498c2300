// npm run check                       style, types, tests, and the packages as their users get them
// npm run check -- --without-tests    the same for a caller that has just run the tests
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bin, build, node, run, setup } from './workspace.mjs'

setup()
const tarballs = mkdtempSync(join(tmpdir(), 'faultline-pack-'))

const steps = {
  style: () => run(join(bin, 'biome'), ['check', '--error-on-warnings']),
  types: () => build() || run(join(bin, 'tsc'), ['-p', 'test/bench']),
  tests: () => run(node, ['scripts/test.mjs']),
  packages: () => run(node, ['scripts/pack.mjs', tarballs]),
  consumers: () => run(node, ['scripts/consumers.mjs', tarballs]),
}
if (process.argv.includes('--without-tests')) delete steps.tests

const failed = []
for (const [name, step] of Object.entries(steps)) {
  console.log(`\n── ${name}`)
  if (step() !== 0) failed.push(name)
}
rmSync(tarballs, { recursive: true, force: true })

console.log(failed.length === 0 ? '\ncheck: all good' : `\ncheck: failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
