// npm test                               everything, by tap; the last line is `N passed, N failed`
// npm test -- packages/core/test/x.test.ts …   only these files, by node --test: the fast inner loop
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { bin, build, mustPass, node, packageFolders, root, run, runAndRead, runQuietly, setup } from './workspace.mjs'

const chosen = process.argv.slice(2)

setup()
if (chosen.length > 0) process.exitCode = testChosen(chosen)
else process.exitCode = await testAll()

async function testAll() {
  // A renamed test would go on running from its old output.
  rmSync(join(root, '.build'), { recursive: true, force: true })
  mustPass(compileTests())
  // Without an explicit build, tap builds itself with other plugins than .taprc names, in every test process.
  runQuietly(join(bin, 'tap'), ['build'])

  let totals = ''
  const exitCode = await runAndRead(join(bin, 'tap'), ['--reporter=tap'], (line) => {
    if (line.startsWith('# {')) totals = line
  })
  return report(totals, exitCode)
}

// tap's last `# {` line holds its totals; only those that are not zero are named.
function report(totals, exitCode) {
  const count = (name) => Number(new RegExp(`"?${name}"?: (\\d+)`).exec(totals)?.[1] ?? 0)
  const passed = count('pass')
  const failed = count('fail')
  // tap also fails for reasons that are no assertion: a time-out of a file, no test at all.
  const isBrokenOtherwise = exitCode !== 0 && failed === 0
  console.log(`${passed} passed, ${isBrokenOtherwise ? 1 : failed} failed`)
  return exitCode
}

// Type errors are shown, but somebody else's unfinished file does not stop the chosen test.
function testChosen(files) {
  const compiled = compileTests()
  const outputs = files.map((file) => join('.build', relative(root, file)).replace(/\.ts$/, '.js'))
  return run(node, ['--test', '--enable-source-maps', ...outputs]) || compiled
}

export function compileTests() {
  const exitCode = build('tsconfig.test.json')
  for (const folder of packageFolders()) linkSources(folder)
  return exitCode
}

// See tsconfig.test.json: a test's '../src/x.js' is the built file.
function linkSources(folder) {
  const link = join(root, '.build', folder, 'src')
  if (existsSync(link)) return
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(relative(dirname(link), join(root, folder, 'dist')), link)
}
