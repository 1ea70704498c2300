// npm run test:matrix: the libraries' compiled tests, by plain `node --test`, on every Node line they support.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compileTests } from './compile-tests.mjs'
import { mustPass, root, run, setup } from './workspace.mjs'

const lines = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24', '26']
const shelves = [
  ...['core', 'fastify', 'express', 'protocol', 'node'].map((name) => `packages/${name}/test`),
  'test/golden',
]

setup()
mustPass(compileTests())

// Named one by one: Node 20 does not expand patterns.
const files = shelves.flatMap(testFiles)
const results = lines.map((line) => ({ node: line, files: files.length, result: testOn(line) }))
console.table(results)
process.exitCode = results.every(({ result }) => result === 'passed') ? 0 : 1

function testFiles(shelf) {
  const folder = join('.build', shelf)
  try {
    return readdirSync(join(root, folder), { recursive: true })
      .filter((file) => file.endsWith('.test.js'))
      .map((file) => join(folder, file))
  } catch {
    return []
  }
}

function testOn(line) {
  console.log(`\n── Node ${line}`)
  const args = ['--yes', '-p', `node@${line}`, 'node', '--test', '--test-reporter=dot', ...files]
  return run('npx', args) === 0 ? 'passed' : 'failed'
}
