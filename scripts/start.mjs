// Starts the example services.
import { build, mustPass, node, run, setup } from './workspace.mjs'

setup()
mustPass(build())
process.exitCode = run(node, ['examples/start.ts', ...process.argv.slice(2)])
