// npm run docs: makes the pages of docs/reference/ that come from the program itself.
import { compileTests } from './compile-tests.mjs'
import { mustPass, node, run, setup } from './workspace.mjs'

setup()
mustPass(compileTests())
process.exitCode = run(node, ['.build/test/docs/made-pages.js'])
