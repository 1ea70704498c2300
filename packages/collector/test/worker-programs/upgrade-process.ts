// Upgrades a store, in a process that can be killed.
import { writeSync } from 'node:fs'
import { upgradeStore } from '../../src/store/sqlite/upgrade-store.js'

upgradeStore(process.argv[2] ?? '', { onProgress: (message) => writeSync(1, `${message}\n`) })
