// npm run test:matrix: the packages' compiled tests, by plain `node --test`, on every Node line they support.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compileTests } from './compile-tests.mjs'
import { mustPass, root, run, setup } from './workspace.mjs'

const lines = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24', '26']
const shelves = [
  ...['core', 'fastify', 'express', 'protocol', 'node'].map((name) => `packages/${name}/test`),
  'test/golden',
]
/** What runs as a server of its own says which Node it needs. */
const serverLines = ['24', '26']
const serverShelves = ['collector', 'cli'].map((name) => `packages/${name}/test`)

setup()
mustPass(compileTests())

// Named one by one: Node 20 does not expand patterns.
const results = lines.map((line) => {
  const files = [...shelves, ...(serverLines.includes(line) ? serverShelves : [])].flatMap(testFiles)
  return { node: line, files: files.length, result: testOn(line, files) }
})
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

function testOn(line, files) {
  console.log(`\n── Node ${line}`)
  const args = ['--yes', '-p', `node@${line}`, 'node', '--test', '--test-reporter=dot', ...files]
  return run('npx', args) === 0 ? 'passed' : 'failed'
}
