// npm run bench -- <name> [options]
import { build, mustPass, node, run, setup } from './workspace.mjs'

setup()
mustPass(build())
process.exitCode = run(node, ['test/bench/src/main.ts', ...process.argv.slice(2)])
