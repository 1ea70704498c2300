import { setup } from './workspace.mjs'

setup()
