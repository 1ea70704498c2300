// A worker that writes a store nearly all the time, as digest does while it has a backlog.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

const HELD_MS = 250
const FREE_MS = 1

const { file } = workerData as { file: string }
const database = new DatabaseSync(file, { timeout: 10_000 })
const still = new Int32Array(new SharedArrayBuffer(4))

parentPort?.postMessage('started')
for (;;) {
  database.exec('BEGIN IMMEDIATE')
  Atomics.wait(still, 0, 0, HELD_MS)
  database.exec('COMMIT')
  Atomics.wait(still, 0, 0, FREE_MS)
}
