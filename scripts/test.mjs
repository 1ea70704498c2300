// npm test                               everything, by tap; the last line is `N passed, N failed`
// npm test -- packages/core/test/x.test.ts …   only these files, by node --test: the fast inner loop
import { join, relative, resolve } from 'node:path'
import { compileTests } from './compile-tests.mjs'
import { bin, mustPass, node, root, run, runAndRead, runQuietly, setup } from './workspace.mjs'

const chosen = process.argv.slice(2)

setup()
if (chosen.length > 0) process.exitCode = testChosen(chosen)
else process.exitCode = await testAll()

async function testAll() {
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
  const compiled = compileTests({ clean: false })
  const outputs = files.map((file) =>
    join(root, '.build', relative(root, resolve(file))).replace(/\.ts$/, '.js'),
  )
  return run(node, ['--test', '--enable-source-maps', ...outputs]) || compiled
}
