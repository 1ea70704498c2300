// Installs the packed tarballs with npm, the way a user does, and uses them from ESM, CommonJS and TypeScript.
// node scripts/consumers.mjs <folder with the tarballs>
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { node, root, run, runQuietly } from './workspace.mjs'

const tarballs = process.argv[2]
if (!tarballs)
  throw new Error('Name the folder that scripts/pack.mjs filled: node scripts/consumers.mjs <folder>')

const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const fromRegistry = [
  '@sinclair/typebox',
  '@types/express',
  '@types/node',
  'express',
  'fastify',
  'typescript',
]

const folder = mkdtempSync(join(tmpdir(), 'faultline-consumer-'))
cpSync(join(root, 'scripts/consumer'), folder, { recursive: true })
writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
runQuietly(
  'npm',
  [
    ...['install', '--no-audit', '--no-fund', '--prefer-offline'],
    ...readdirSync(tarballs)
      .filter((file) => file.endsWith('.tgz'))
      .map((file) => join(tarballs, file)),
    ...fromRegistry.map((name) => `${name}@${devDependencies[name]}`),
  ],
  { cwd: folder },
)

const uses = {
  'import from ESM': () => run(node, ['import.mjs'], { cwd: folder }),
  'require() from CommonJS': () => run(node, ['require.cjs'], { cwd: folder }),
  'tsc, module nodenext': () => run(node, ['node_modules/typescript/bin/tsc', '-p', '.'], { cwd: folder }),
}
for (const [name, use] of Object.entries(uses)) {
  const isFine = use() === 0
  console.log(`${isFine ? '✓' : '✗'} ${name}`)
  if (!isFine) process.exitCode = 1
}
rmSync(folder, { recursive: true, force: true })
