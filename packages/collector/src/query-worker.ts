// The query worker: reads the store, so that a broad search stalls neither intake nor digest.
import { parentPort, workerData } from 'node:worker_threads'
import { type Channel, serve } from './remote.js'
import { openStoreReader } from './store/sqlite/read/open-store-reader.js'
import type { StoreReader } from './store/store.js'

/** What the worker is started with. */
export interface QueryWorkerData {
  storeFile: string
}

const { storeFile } = workerData as QueryWorkerData
let reader: StoreReader | undefined

/** Opened by the first call: the digest worker, which makes the store, starts at the same time. */
const reads = new Proxy({} as StoreReader, {
  get(_target, name: keyof StoreReader) {
    reader ??= openStoreReader(storeFile)
    return reader[name]
  },
})
serve(parentPort as unknown as Channel, reads)
