import { build, setup } from './workspace.mjs'

setup()
process.exitCode = build()
