// The query worker: reads the store, so that a broad search stalls neither intake nor digest.
import { parentPort, workerData } from 'node:worker_threads'
import { type Channel, serve } from './remote.js'
import { openStoreReader } from './store/sqlite/read/open-store-reader.js'

/** What the worker is started with. */
export interface QueryWorkerData {
  storeFile: string
}

const { storeFile } = workerData as QueryWorkerData
serve(parentPort as unknown as Channel, openStoreReader(storeFile))
