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

const manyDefinitions = 200
const checkLimitSeconds = 3

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
  'faultline serve and send': () => run(node, ['collector.mjs'], { cwd: folder }),
  'tsc, module nodenext': () => run(node, ['node_modules/typescript/bin/tsc', '-p', '.'], { cwd: folder }),
}
uses[`${manyDefinitions} definitions check in under ${checkLimitSeconds} s`] = checkManyDefinitions
for (const [name, use] of Object.entries(uses)) {
  const isFine = use() === 0
  console.log(`${isFine ? '✓' : '✗'} ${name}`)
  if (!isFine) process.exitCode = 1
}
rmSync(folder, { recursive: true, force: true })

// What the catalogue's types cost a team that has many problems: tsc's own check time, beyond that of a file with one.
function checkManyDefinitions() {
  // the better of two, for another program may be running
  const seconds = Math.min(checkSeconds(manyDefinitions), checkSeconds(manyDefinitions)) - checkSeconds(1)
  console.log(`${manyDefinitions} definitions: ${seconds.toFixed(2)} s of checking`)
  return seconds < checkLimitSeconds ? 0 : 1
}

function checkSeconds(count) {
  const one = (i) =>
    `P${i}: { status: 409, title: 't', detail: (p) => String(p.a${i}) + p.b, extensions: Type.Object({ a${i}: Type.Number(), b: Type.String() }) },`
  writeFileSync(
    join(folder, 'many.mts'),
    [
      `import { defineProblems, standardProblems } from '@faultline/core'`,
      `import { Type } from '@sinclair/typebox'`,
      `export const problems = defineProblems({ base: 'https://e.example/', include: standardProblems }, {`,
      ...Array.from({ length: count }, (_, i) => one(i)),
      `})`,
      `export const error = new problems.P0({ a0: 1, b: '' })`,
    ].join('\n'),
  )
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck']
  const said = runQuietly(node, ['node_modules/typescript/bin/tsc', ...flags, '--diagnostics', 'many.mts'], {
    cwd: folder,
  })
  return Number(/Check time:\s+([\d.]+)s/.exec(said)?.[1])
}
